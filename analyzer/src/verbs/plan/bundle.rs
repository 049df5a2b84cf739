//! Genomes → tasks → chunks, by size. The order stays, so that the layout is a function of the list alone.

use genome_contract::plan::{MAX_TASKS, PlannedGenome, TaskLine};
use genome_contract::request::Tasks;

/// Bytes of sequence after which a chunk is closed: some seconds of work, which is what a lost pod costs at most.
const CHUNK_SIZE: u64 = 32 << 20;
/// Genomes in a chunk at most, so that rows of a million tiny genomes do not pile up in memory.
const CHUNK_GENOMES: usize = 512;

/// Genomes a task has at most: half the chunks it may have, full, since sizes can split the others.
const MAX_GENOMES: usize = CHUNK_GENOMES * 50;
/// A chunk's number has two digits in its file's name.
const MAX_CHUNKS: u64 = 100;

/// A task is no smaller than this part of `targetSize`: of a minute's work, about what a pod costs to start.
const SMALLEST_PART: u64 = 16;

/// Compressed sequence is about a fourth of its text.
const EXPANSION: u64 = 4;

/// Bytes of sequence expected of `genome`, at least one.
pub(super) fn bases(genome: &PlannedGenome) -> u64 {
    let is_compressed = super::ids::compression_suffix(&genome.uri).is_some();
    let factor = if is_compressed { EXPANSION } else { 1 };
    genome.size.saturating_mul(factor).max(1)
}

/// The tasks, and the size they aim at: `min(targetSize, Σ/(4·maxWorkers))`, raised where a pod would have next to nothing
/// to do, and where 10,000 would not be enough.
pub(super) fn tasks(genomes: Vec<PlannedGenome>, rule: &Tasks) -> (Vec<TaskLine>, u64) {
    let total: u64 = genomes.iter().map(bases).sum();
    let share = total / (4 * u64::from(rule.max_workers.max(1)));
    let target = rule
        .target_size
        .min(share.max(rule.target_size / SMALLEST_PART))
        .max(total / u64::from(MAX_TASKS - 1))
        .max(1);
    let mut tasks = Vec::new();
    let mut run = Vec::new();
    let mut carried = 0;
    for genome in genomes {
        carried += bases(&genome);
        run.push(genome);
        // A run that reached the target is a task; 9,999 full ones and the rest are all there can be.
        if carried >= target || run.len() >= MAX_GENOMES {
            tasks.push(task(tasks.len(), std::mem::take(&mut run), carried));
            carried = 0;
        }
    }
    if !run.is_empty() {
        tasks.push(task(tasks.len(), run, carried));
    }
    (tasks, target)
}

fn task(number: usize, genomes: Vec<PlannedGenome>, total: u64) -> TaskLine {
    let size = CHUNK_SIZE.max(total.div_ceil(MAX_CHUNKS / 2 - 1));
    let mut chunks: Vec<Vec<PlannedGenome>> = Vec::new();
    let mut carried = 0;
    for genome in genomes {
        let weight = bases(&genome);
        match chunks.last_mut() {
            Some(chunk) if carried < size && chunk.len() < CHUNK_GENOMES => chunk.push(genome),
            _ => {
                chunks.push(vec![genome]);
                carried = 0;
            }
        }
        carried += weight;
    }
    TaskLine {
        task: u32::try_from(number).unwrap_or(u32::MAX),
        bases: total,
        chunks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genomes(count: usize, size: u64) -> Vec<PlannedGenome> {
        let genome = |index| PlannedGenome {
            id: format!("g{index:06}"),
            uri: format!("file:///g{index}.fa"),
            annotation_uri: None,
            size,
            etag: None,
            content_hash: None,
        };
        (0..count).map(genome).collect()
    }

    fn rule(target_size: u64, max_workers: u32) -> Tasks {
        Tasks {
            target_size,
            max_workers,
        }
    }

    #[test]
    fn small_work_is_spread_over_four_tasks_a_worker() {
        let (tasks, target) = tasks(genomes(1_000, 1_000), &rule(400_000, 10));
        assert_eq!(target, 25_000);
        assert_eq!(tasks.len(), 40);
    }

    #[test]
    fn what_one_pod_does_in_seconds_is_not_spread_over_many() {
        let (tasks, target) = tasks(genomes(12, 500_000), &rule(64 << 20, 10));
        assert_eq!(target, 4 << 20);
        assert_eq!(tasks.len(), 2);
    }

    #[test]
    fn no_layout_has_too_many_tasks_or_chunks_or_loses_a_genome() {
        for (count, size, rule) in [
            (30_000, 1, rule(1, 1_000_000)),
            (100_000, 0, rule(1 << 30, 1)),
            (60_000, 7, rule(1 << 30, 1)),
            (500, 1 << 30, rule(1 << 50, 1)),
            (3, 5, rule(u64::MAX, 1)),
        ] {
            let (tasks, _) = tasks(genomes(count, size), &rule);
            assert!(tasks.len() <= MAX_TASKS as usize, "{} tasks", tasks.len());
            assert!(
                tasks
                    .iter()
                    .all(|task| task.chunks.len() <= 100 && !task.chunks.is_empty())
            );
            let ids: Vec<_> = tasks
                .iter()
                .flat_map(|task| task.chunks.iter().flatten())
                .map(|g| &g.id)
                .collect();
            assert_eq!(ids.len(), count);
            assert!(ids.is_sorted());
        }
    }
}
