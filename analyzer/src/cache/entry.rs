//! An entry: mark, time, checksum, compressed value. Anything else is no entry.

use std::time::{SystemTime, UNIX_EPOCH};

/// Changes with the shape of the rows.
const MARK: &[u8; 4] = b"GPC2";
const HEAD: usize = MARK.len() + 8 + 32;
/// A value of a genome is a few megabytes; what claims to be more is hostile.
const LARGEST: usize = 1 << 30;

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// `value` as an entry written now.
pub(super) fn seal(value: &[u8]) -> Option<Vec<u8>> {
    let time = now().to_le_bytes();
    let body = zstd::bulk::compress(value, 1).ok()?;
    Some([MARK.as_slice(), &time, checksum(time, &body).as_slice(), &body].concat())
}

/// The value of an entry that is whole and not older than `ttl` seconds.
pub(super) fn open(bytes: &[u8], ttl: u64) -> Option<Vec<u8>> {
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let time: [u8; 8] = head.strip_prefix(MARK)?.get(..8)?.try_into().ok()?;
    let is_whole = head[MARK.len() + 8..] == checksum(time, body);
    let is_fresh = now().abs_diff(u64::from_le_bytes(time)) <= ttl;
    if !is_whole || !is_fresh {
        return None;
    }
    let mut value = Vec::new();
    let decoder = zstd::Decoder::new(body).ok()?;
    std::io::Read::read_to_end(&mut std::io::Read::take(decoder, LARGEST as u64), &mut value).ok()?;
    Some(value)
}

/// Over time and body, so that an old entry cannot be made young.
fn checksum(time: [u8; 8], body: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new()
        .update(&time)
        .update(body)
        .finalize()
        .as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_and_fresh_entry_opens() {
        let sealed = seal(b"rows of a genome").unwrap();
        assert_eq!(open(&sealed, 60).unwrap(), b"rows of a genome");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(open(&damaged, 60), None, "byte {at}");
            assert_eq!(open(&sealed[..at], 60), None, "cut at {at}");
        }
        let mut old = sealed;
        let time = (now() - 100).to_le_bytes();
        let checksum = checksum(time, &old[HEAD..]);
        old[4..12].copy_from_slice(&time);
        old[12..44].copy_from_slice(&checksum);
        assert_eq!(open(&old, 60), None);
        assert!(open(&old, 200).is_some());
    }
}
