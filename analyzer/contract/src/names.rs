//! Names of files in the output location, of environment variables, and of paths in the pod.

use crate::chunk::ChunkId;

/// Who owns the output location.
pub const CLAIM: &str = "_claim.json";
/// Counts, digests and offsets of the plan.
pub const PLAN: &str = "plan.json";
/// One line a task.
pub const TASKS: &str = "plan.tasks.jsonl";
/// The plan's copy of the trait panel.
pub const TRAITS: &str = "traits.json";
/// The plan's copy of the phenotype table.
pub const PHENOTYPES: &str = "phenotypes.tsv";
/// Folder of the chunk files.
pub const PARTS: &str = "parts";
/// The commit of the whole analysis.
pub const MANIFEST: &str = "manifest.json";
/// The page for people.
pub const REPORT: &str = "report.html";
/// The same in a few lines of Markdown.
pub const SUMMARY: &str = "summary_report.md";
/// Everything a program asks first.
pub const RESULTS: &str = "analysis_results.json";
/// The candidate and annotated pleiotropic genes.
pub const PLEIOTROPIC_GENES: &str = "pleiotropic_genes.json";
/// Trait × trait correlation matrix.
pub const TRAIT_CORRELATION: &str = "trait_correlation.tsv";
/// Pooled codon usage.
pub const CODON_USAGE: &str = "codon_usage.tsv";
/// One row a gene, for a single genome or on request.
pub const GENES: &str = "genes.tsv.gz";
/// The correlation matrix as a picture.
pub const HEATMAP_SVG: &str = "heatmap.svg";
/// The same in pixels.
pub const HEATMAP_PNG: &str = "heatmap.png";

/// Where genomes and genes lie on the maps of codon usage.
pub const CODON_MAP: &str = "codon_map.tsv";
/// Gene families × phenotypes, for several genomes with a phenotype table.
pub const FAMILY_PHENOTYPE: &str = "family_phenotype.tsv";
/// What several genomes say together: maps, conserved signatures, phenotypes.
pub const COHORT: &str = "cohort.json";

/// Where the request is mounted in the pod.
pub const REQUEST_PATH: &str = "/etc/genome/request.json";
/// Where a ConfigMap's trait panel is mounted in the pod.
pub const TRAITS_PATH: &str = "/etc/genome-traits/traits.json";
/// The pod's termination message file.
pub const MESSAGE_PATH: &str = "/dev/termination-log";
/// Set by the Job controller: which index of the Job this pod is.
pub const COMPLETION_INDEX_VARIABLE: &str = "JOB_COMPLETION_INDEX";
/// The container's processor limit, in thousandths of a core.
pub const CPU_LIMIT_VARIABLE: &str = "GENOME_CPU_LIMIT";
/// The container's memory limit, in bytes.
pub const MEMORY_LIMIT_VARIABLE: &str = "GENOME_MEMORY_LIMIT";
/// Where the process serves `/metrics`, as `address:port`; absent: nowhere.
pub const METRICS_ADDRESS_VARIABLE: &str = "GENOME_METRICS_ADDRESS";
/// The port of a pod's `/metrics`, named `metrics`.
pub const METRICS_PORT: u16 = 8080;

/// The three files of a chunk, in the order they are written: the last one commits it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub enum ChunkFile {
    /// A row a gene × trait.
    Associations,
    /// A row a gene.
    Genes,
    /// A row a genome; its presence commits the chunk.
    Genomes,
}

impl ChunkFile {
    /// The order of writing.
    pub const ALL: [Self; 3] = [Self::Associations, Self::Genes, Self::Genomes];

    const fn stem(self) -> &'static str {
        match self {
            Self::Associations => "associations",
            Self::Genes => "genes",
            Self::Genomes => "genomes",
        }
    }

    /// Path below the output location: `parts/genomes-00012-03.parquet`, with `-rN` for a later round.
    pub fn path(self, chunk: ChunkId) -> String {
        let ChunkId { task, chunk, round } = chunk;
        let suffix = if round == 0 {
            String::new()
        } else {
            format!("-r{round}")
        };
        format!("{PARTS}/{}-{task:05}-{chunk:02}{suffix}.parquet", self.stem())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_file_is_named_by_task_chunk_and_round() {
        let chunk = ChunkId {
            task: 12,
            chunk: 3,
            round: 0,
        };
        assert_eq!(ChunkFile::Genomes.path(chunk), "parts/genomes-00012-03.parquet");
        assert_eq!(
            ChunkFile::Genes.path(ChunkId { round: 2, ..chunk }),
            "parts/genes-00012-03-r2.parquet"
        );
    }
}
