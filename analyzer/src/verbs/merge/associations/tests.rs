//! What is found does not depend on how much of it is in memory at a time.

use clap::Parser;
use serde_json::json;

use super::*;
use crate::analyze::Settings;
use crate::generate::{self, Args};
use crate::input::Stores;
use crate::progress::Progress;
use crate::verbs::merge::{collect, genes};
use crate::verbs::plan::{Settled, everything, plan};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    generate: Args,
}

fn session(folder: &std::path::Path) -> Session {
    let line = "generate --format cds --traits 0 --trials 0 --genomes 48 --genes 60 --seed 12 --output";
    let arguments = line
        .split(' ')
        .map(Into::into)
        .chain([folder.as_os_str().to_owned()]);
    generate::run(&Line::parse_from(arguments).generate).unwrap();
    let uri = |name: &str| format!("file://{}/{name}", folder.display());
    let request = json!({
        "schemaVersion": 1,
        "analysis": {"cluster": "local", "namespace": "", "name": "test", "uid": "u1"},
        "genomes": [{"uri": uri("genomes/")}],
        "traits": {"builtin": "bacteria"},
        "phenotypes": uri("phenotypes.tsv"),
        "method": {"geneticCode": 11, "geneCalling": "Auto", "falseDiscoveryRate": 0.05, "minTraits": 2, "seed": 7},
        "output": {"uri": uri("out"), "overwrite": false, "associations": "Top"},
        "tasks": {"targetSize": 50_000_000, "maxWorkers": 1},
        "genomeTimeoutSeconds": 600,
        "volumes": [],
        "cache": {"mode": "Off", "ttlSeconds": 3600}
    });
    let request = serde_json::from_value(request).unwrap();
    let mut session = Session::open(request, Stores::default(), Progress::new(false)).unwrap();
    session.settings = Settings {
        permutations: 0,
        shuffled_copy: false,
    };
    session
}

#[tokio::test]
async fn associations_do_not_depend_on_how_many_families_are_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    let (plan, _) = plan(&session).await.unwrap();
    everything(&mut session, &plan, &Settled::default())
        .await
        .unwrap();
    let collected = collect::all(&session, &plan).await.unwrap();
    let (_, families) = genes::collect(&session, &plan, &collected).await.unwrap();
    let mut found = Vec::new();
    // three families at a time or a few more, seventeen or a few more, all
    for most_scores in [3 * 48, 17 * 48, MOST_SCORES] {
        let associations = collect_in_slabs(&session, &plan, &collected, &families, most_scores).await;
        let tested = associations.unwrap().unwrap().phenotypes;
        let coin = tested.iter().find(|tested| tested.name == "coin").unwrap();
        let families = coin.families.len();
        assert!(families > 17 && coin.shift != 0.0, "{families} families");
        found.push(format!("{tested:?}"));
    }
    assert!(found[0] == found[2] && found[1] == found[2]);
}
