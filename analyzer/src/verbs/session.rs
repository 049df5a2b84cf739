//! What every verb is given: the request, the stores, the output, a way to speak, and whether to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use genome_contract::exit::ExitCode;
use genome_contract::plan::{Claim, Plan};
use genome_contract::request::Request;
use genome_contract::{Reason, SCHEMA_VERSION, names};
use serde::de::DeserializeOwned;

use super::Stop;
use crate::analyze::Settings;
use crate::cache::Cache;
use crate::input::Stores;
use crate::memory::Limit;
use crate::message::Messenger;
use crate::output::Location;
use crate::progress::Progress;

/// What a verb works with.
pub struct Session {
    /// What is asked for.
    pub request: Request,
    /// Where URIs lead.
    pub stores: Stores,
    /// Where results go.
    pub output: Location,
    /// Results that need not be computed again.
    pub cache: Cache,
    /// Who is told.
    pub messenger: Messenger,
    /// How much is tested; a request has no say in it.
    pub settings: Settings,
    /// Whether `genes.tsv.gz` is written of several genomes too; a request has no say in this either.
    pub genes_table: bool,
    /// What people see meanwhile.
    pub progress: Progress,
    /// What the merge found, for a terminal.
    pub summary: String,
    /// How much memory there may be.
    pub memory: Option<Limit>,
    /// Set when the process was asked to stop.
    pub stopping: Arc<AtomicBool>,
}

/// How a verb ended, when nothing stopped it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Its work is done.
    Done,
    /// Its work is done, and every genome of it failed for reasons with this code.
    AllFailed(ExitCode),
}

impl Ending {
    /// What the process exits with.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::Success,
            Self::AllFailed(code) => code,
        }
    }
}

impl Session {
    /// Opens the output of `request`; who is told may be said later.
    pub fn open(request: Request, stores: Stores, progress: Progress) -> Result<Self, Stop> {
        if request.schema_version != SCHEMA_VERSION {
            let text = format!(
                "the request has `schemaVersion` {}, this analyzer reads {SCHEMA_VERSION}; hint: operator and analyzer image must be of one release",
                request.schema_version
            );
            return Err(Stop::new(Reason::BadRequest, text));
        }
        let output = Location::open(&stores, &request.output.uri)?;
        let cache = Cache::open(&stores, &request.cache, &request.analysis.namespace);
        let messenger = Messenger::new(None);
        Ok(Self {
            request,
            stores,
            output,
            cache,
            messenger,
            settings: Settings::default(),
            genes_table: false,
            progress,
            summary: String::new(),
            memory: None,
            stopping: Arc::default(),
        })
    }

    /// Stops with `Interrupted` if the process was asked to.
    pub(crate) fn check_interrupt(&self) -> Result<(), Stop> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(Stop::new(
                Reason::Interrupted,
                "asked to stop; what is committed stays",
            ));
        }
        Ok(())
    }

    /// The plan of this analysis. Another owner's, or a plan of an earlier run, is refused.
    pub(crate) async fn plan(&self) -> Result<Plan, Stop> {
        let claim: Claim = self.document(names::CLAIM).await?;
        if claim.analysis != self.request.analysis {
            return Err(super::plan::claim::conflict(self.output.uri(), &claim.analysis));
        }
        let plan: Plan = self.document(names::PLAN).await?;
        if plan.digest != claim.plan_digest {
            return Err(Stop::internal(format!(
                "`{}` and `{}` name different plans",
                names::CLAIM,
                names::PLAN
            )));
        }
        Ok(plan)
    }

    async fn document<T: DeserializeOwned>(&self, path: &str) -> Result<T, Stop> {
        let Some((bytes, _)) = self.output.get(path).await? else {
            let text = format!(
                "`{}/{path}` is not there; hint: `plan` must run first",
                self.output.uri()
            );
            return Err(Stop::new(Reason::BadRequest, text));
        };
        serde_json::from_slice(&bytes)
            .map_err(|error| Stop::internal(format!("`{}/{path}`: {error}", self.output.uri())))
    }
}
