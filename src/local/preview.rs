//! What would run: a real plan, written to a folder of its own, and stopped before any genome is read.

use std::path::Path;
use std::time::Duration;

use genome_contract::request::Volume;
use genome_contract::{Plan, Verb, names};

use super::analyzer::Analyzer;
use super::child::{self, Job};
use super::mounts::Mount;
use super::progress::Progress;
use super::stage::Stage;
use super::{Error, Options, Prepared, Stop, failed, prepare};
use crate::validate::ValidAnalysis;

/// What would run.
pub struct Preview {
    /// What the analyzer planned.
    pub plan: Plan,
    /// What the manifest means.
    pub analysis: ValidAnalysis,
}

/// Path in the request of the folder that is thrown away.
const ELSEWHERE: &str = "/genome-preview";

/// Plans the one analysis of a manifest. `None` where somebody asked it to stop. Nothing is written to its output.
pub async fn preview(options: &Options, stop: Stop) -> Result<Option<Preview>, Error> {
    let Prepared {
        analysis,
        mut request,
        mut mounts,
        folder,
    } = prepare(options)?;
    let output = folder.path().join("output");
    std::fs::create_dir(&output).map_err(|source| failed("making a folder for the plan", source))?;
    request.output.uri = format!("file://{ELSEWHERE}/");
    request.volumes.push(Volume {
        mount_path: ELSEWHERE.to_owned(),
        read_only: false,
    });
    mounts.push(Mount {
        mount_path: ELSEWHERE.to_owned(),
        folder: output.clone(),
    });
    let analyzer = Analyzer::find(options.analyzer.as_deref(), &analysis, &mounts)?;
    let (enough, stop_child) = Stop::by_hand();
    let progress = Progress::new(&analysis.identity.name);
    let stage = Stage {
        analyzer,
        folder,
        progress,
        stop: stop_child,
        per_task: 0,
    };
    let path = stage.write("plan", &request)?;
    stage.progress.stage(Verb::Plan);
    let job = Job {
        verb: Verb::Plan,
        request: &path,
        index: 0,
        label: "plan".to_owned(),
        threads: 1,
    };
    // A plan of little work would go on and do it: it is stopped as soon as the plan is there.
    let watching = async {
        tokio::select! {
            () = written(&output) => {}
            () = stop.asked() => {}
        }
        let _ = enough.send(true);
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        ended = child::run(&stage, job, &|_| ()) => ended?,
        () = watching => return Ok(None),
    };
    stage.progress.finish();
    match read(&output) {
        Some(plan) => Ok(Some(Preview { plan, analysis })),
        None if stop.is_asked() => Ok(None),
        None => Err(super::stage::stopped(Verb::Plan, &ended)),
    }
}

async fn written(output: &Path) {
    while read(output).is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn read(output: &Path) -> Option<Plan> {
    serde_json::from_slice(&std::fs::read(output.join(names::PLAN)).ok()?).ok()
}
