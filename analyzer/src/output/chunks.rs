//! Which chunks are committed: the names of `parts/genomes-…`.

use std::collections::BTreeSet;

use genome_contract::chunk::ChunkId;
use genome_contract::names;

use super::Location;
use crate::verbs::Stop;

/// The committed chunks of an output location.
#[derive(Clone, Debug, Default)]
pub struct Chunks(BTreeSet<ChunkId>);

impl Chunks {
    /// Lists them.
    pub async fn list(output: &Location) -> Result<Self, Stop> {
        let names = output.list(names::PARTS).await?;
        Ok(Self(names.iter().filter_map(|name| committed(name)).collect()))
    }

    /// The committed files of a chunk up to `round`, earliest round first.
    pub fn rounds(&self, chunk: ChunkId, round: u32) -> Vec<ChunkId> {
        let range = ChunkId { round: 0, ..chunk }..=ChunkId { round, ..chunk };
        self.0.range(range).copied().collect()
    }
}

/// The chunk that `genomes-TTTTT-CC[-rN].parquet` commits.
fn committed(name: &str) -> Option<ChunkId> {
    let stem = name.strip_prefix("genomes-")?.strip_suffix(".parquet")?;
    let mut parts = stem.split('-');
    let (task, chunk) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let round = match parts.next() {
        None => 0,
        Some(round) => round.strip_prefix('r')?.parse().ok()?,
    };
    Some(ChunkId { task, chunk, round })
}

#[cfg(test)]
mod tests {
    use genome_contract::names::ChunkFile;

    use super::*;

    #[test]
    fn names_lead_back_to_chunks() {
        for chunk in [
            ChunkId {
                task: 0,
                chunk: 0,
                round: 0,
            },
            ChunkId {
                task: 9_999,
                chunk: 99,
                round: 12,
            },
        ] {
            let path = ChunkFile::Genomes.path(chunk);
            assert_eq!(committed(path.strip_prefix("parts/").unwrap()), Some(chunk));
        }
        assert_eq!(committed("genes-00000-00.parquet"), None);
        assert_eq!(committed("genomes-00000-00.parquet#1"), None);
    }
}
