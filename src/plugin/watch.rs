//! `run --watch`: the status as it changes, until the analysis ends.

mod view;

use std::convert::Infallible;
use std::time::Duration;

use futures::TryStreamExt;
use jiff::Timestamp;
use kube::runtime::watcher::{Config, Event, watcher};

use super::cluster::Cluster;
use super::picture::Picture;
use super::{Error, status};
use crate::api::{GenomeAnalysis, Phase};
use crate::local::Stop;
use view::View;

/// An operator that is there answers within a second.
const UNSEEN: Duration = Duration::from_secs(15);
/// As shells report an end by SIGINT.
const INTERRUPTED: u8 = 130;

/// Waits for the end; its exit code. Ctrl-C ends the watching and nothing else.
pub(super) async fn until_finished(cluster: &Cluster, name: &str, stop: &Stop) -> Result<u8, Error> {
    let view = View::new(name);
    tokio::select! {
        phase = finished(cluster, name, &view) => {
            let phase = phase?;
            view.clear();
            print!("{}", status::text(&Picture::take(cluster, name).await?, Timestamp::now()));
            Ok(exit_code(phase))
        }
        never = nobody_came(&view, &cluster.namespace) => match never {},
        () = stop.asked() => {
            view.clear();
            eprintln!("`{name}` goes on in the cluster; `kubectl genome status {name}` shows it, `cancel` ends it");
            Ok(INTERRUPTED)
        }
    }
}

async fn finished(cluster: &Cluster, name: &str, view: &View) -> Result<Phase, Error> {
    let config = Config::default().fields(&format!("metadata.name={name}"));
    let mut events = Box::pin(watcher(cluster.analyses(), config));
    loop {
        match events.try_next().await {
            Ok(Some(Event::Apply(analysis) | Event::InitApply(analysis))) => {
                view.show(&analysis, Timestamp::now());
                if let Some(phase) = end_of(&analysis) {
                    return Ok(phase);
                }
            }
            Ok(Some(Event::Delete(_))) => return Err(Error::NotThere(format!("`{name}` was deleted"))),
            Ok(Some(Event::Init | Event::InitDone)) => {}
            Ok(None) => return Err(Error::NotThere(format!("the watch of `{name}` ended"))),
            // The watcher tries again by itself.
            Err(error) => view.say(&format!("note: watching: {error}")),
        }
    }
}

/// Says once that nobody seems to look after the analysis.
async fn nobody_came(view: &View, namespace: &str) -> Infallible {
    tokio::time::sleep(UNSEEN).await;
    if !view.has_seen_an_operator() {
        view.say(&format!(
            "note: no operator has taken it up; hint: is one installed that watches namespace `{namespace}`?"
        ));
    }
    std::future::pending().await
}

/// The phase, where it is over and is about the present specification.
fn end_of(analysis: &GenomeAnalysis) -> Option<Phase> {
    let status = analysis.status.as_ref()?;
    let is_current = status.observed_generation >= analysis.metadata.generation
        && status.round.unwrap_or(0) >= analysis.spec.retries.round;
    status.phase.filter(|phase| phase.is_finished() && is_current)
}

fn exit_code(phase: Phase) -> u8 {
    match phase {
        Phase::Succeeded => 0,
        Phase::PartiallySucceeded => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_end_of_an_older_specification_is_not_the_end() {
        let analysis = |generation, round| -> GenomeAnalysis {
            serde_json::from_value(json!({
                "apiVersion": "genomics.pleiotropy.io/v1alpha1", "kind": "GenomeAnalysis",
                "metadata": { "name": "demo", "generation": generation },
                "spec": { "genomes": [{ "uri": "s3://b/g/" }], "output": { "uri": "s3://b/r/" },
                    "retries": { "round": round } },
                "status": { "phase": "PartiallySucceeded", "observedGeneration": 1, "round": 0 },
            }))
            .unwrap()
        };
        assert_eq!(end_of(&analysis(1, 0)), Some(Phase::PartiallySucceeded));
        assert_eq!(end_of(&analysis(2, 0)), None);
        assert_eq!(end_of(&analysis(1, 1)), None);
        assert_eq!(
            [Phase::Succeeded, Phase::PartiallySucceeded, Phase::Cancelled].map(exit_code),
            [0, 3, 1]
        );
    }
}
