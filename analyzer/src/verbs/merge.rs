//! `merge`: the committed chunks → reports and tables, and the manifest last. Gene rows are streamed, never collected
//! beyond what a page shows.

mod associations;
mod collect;
mod families;
mod genes;
mod maps;
mod scores;
mod write;

pub(crate) use associations::{Associations, FamilyRow, Tested};

pub(crate) use collect::{Collected, GenomeLine, TraitSummary};
pub(crate) use genes::{FamilyEntry, GeneEntry, GeneLists};
pub(crate) use maps::Maps;
pub(crate) use scores::{LOOKED_UP, ScoreLists};

use genome_contract::manifest::{Manifest, Results, Run};
use genome_contract::message::{GenomeCounts, ResultsSummary};
use genome_contract::{SCHEMA_VERSION, Verb, names};

use super::{Ending, Session, Stop, panel};
use crate::output::{Facts, summary};

/// Merges what the tasks left.
pub async fn run(session: &mut Session) -> Result<Ending, Stop> {
    session.messenger.begin(Verb::Merge, None);
    let plan = session.plan().await?;
    let collected = collect::all(session, &plan).await?;
    let summary = ResultsSummary {
        pleiotropic_genes: collected.candidates,
        detectable_traits: collected.detectable_traits(),
        report: names::REPORT.to_owned(),
    };
    let (mut genes, families) = genes::collect(session, &plan, &collected).await?;
    let scores = scores::collect(session, &plan, &collected, &mut genes).await?;
    let panel = panel::copied(session).await?;
    let maps = maps::of(&collected, &genes, &families, session.request.method.genetic_code);
    let associations = associations::collect(session, &plan, &collected, &families).await?;
    let facts = Facts {
        plan: &plan,
        method: &session.request.method,
        collected: &collected,
        panel: &panel,
        genes: &genes,
        scores: &scores,
        maps: &maps,
        associations: associations.as_ref(),
    };
    let files = write::all(session, &facts).await?;
    let told = summary::terminal(&facts, session.output.uri());
    let genomes = GenomeCounts {
        total: collected.genomes,
        analyzed: collected.succeeded
            - session
                .messenger
                .message()
                .genomes
                .cached
                .min(collected.succeeded),
        cached: session
            .messenger
            .message()
            .genomes
            .cached
            .min(collected.succeeded),
        failed: collected.failed,
    };
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        results: Results {
            genomes: collected.genomes,
            succeeded: collected.succeeded,
            failed: collected.failed,
            failures_by_reason: collected.failures_by_reason(),
            genes: collected.genes,
            chunks: collected.chunks.clone(),
            files,
            summary: summary.clone(),
        },
        run: Run {
            analysis: session.request.analysis.clone(),
            plan_digest: plan.digest.clone(),
            analyzer_version: env!("CARGO_PKG_VERSION").to_owned(),
            completed_at: jiff::Timestamp::now().to_string(),
            output_uri: session.output.uri().to_owned(),
            genomes,
        },
    };
    let json = serde_json::to_vec_pretty(&manifest).map_err(|error| Stop::internal(error.to_string()))?;
    session.output.put(names::MANIFEST, json.into()).await?;
    tracing::info!(genomes = collected.genomes, failed = collected.failed, "merged");
    session.summary = told;
    session.messenger.update(|message| {
        message.genomes = genomes;
        message
            .failures_by_reason
            .clone_from(&manifest.results.failures_by_reason);
        message.failure.clone_from(&collected.first_failure);
        message.results = Some(summary);
    });
    Ok(Ending::Done)
}
