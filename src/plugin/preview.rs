//! `plan`: what would run, from a real plan of the analyzer that is written to a folder of its own and thrown away.

use serde_json::json;

use super::arguments::Plan;
use super::{Error, format};
use crate::local::{self, Stop};

pub(super) async fn show(plan: &Plan) -> Result<(), Error> {
    let options = plan.machine.options(&plan.file);
    let Some(preview) = local::preview(&options, Stop::on_signals()).await? else {
        return Err(Error::NotThere("stopped".to_owned()));
    };
    let (summary, analysis) = (preview.plan, preview.analysis);
    let workers = summary
        .tasks
        .min(analysis.scaling.workers.unwrap_or(u32::MAX))
        .min(analysis.scaling.max_workers.get());
    if let Some(format) = plan.output.format {
        let object = json!({
            "genomes": summary.genomes, "tasks": summary.tasks, "chunks": summary.chunks, "bases": summary.bases,
            "cached": summary.cached,
            "workers": workers, "memoryBytes": analysis.resources.memory, "maxMemoryBytes": analysis.resources.max_memory,
            "millicores": analysis.resources.millicores, "output": analysis.output.uri,
        });
        return format::print(&object, format);
    }
    let resources = &analysis.resources;
    println!("genomes  {}, {} bases expected", summary.genomes, summary.bases);
    if summary.cached > 0 {
        println!(
            "cache    knows {} of them; a task of such alone makes no pod",
            summary.cached
        );
    }
    println!(
        "tasks    {} in {} chunks; a task is a pod",
        summary.tasks, summary.chunks
    );
    println!("pods     {workers} at a time at most, beside one for the plan and one for the merge");
    println!(
        "each     {} millicores, {}; up to {} for what does not fit",
        resources.millicores,
        format::bytes(resources.memory),
        format::bytes(resources.max_memory)
    );
    println!("output   {}", analysis.output.uri);
    Ok(())
}
