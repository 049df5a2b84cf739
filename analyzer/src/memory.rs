//! Memory of this process: what the kernel counts, and how much there may be.
//!
//! A limit is what a person names, else what the pod was told, else the control group's (version 1 or 2). Under a limit
//! a genome that outgrows it becomes a failed row with the figure, before the kernel kills the process and every other
//! genome with it.

mod control_group;
mod limit;

pub use self::limit::{Guard, Limit, OutOfMemory, parse};

/// The highest so far, in bytes; 0 where the system does not say.
pub fn peak() -> u64 {
    status_field("VmHWM:")
}

/// Now, in bytes.
pub fn resident() -> u64 {
    status_field("VmRSS:")
}

fn status_field(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes: u64 = line
        .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok())
        .unwrap_or(0);
    kibibytes * 1024
}

/// Bytes as Kubernetes writes a quantity: in the largest binary unit that leaves no rest.
///
/// ```
/// use genomic_pleiotropy::memory::quantity;
///
/// assert_eq!(quantity(128 << 20), "128Mi");
/// assert_eq!(quantity(1_000_000), "1000000");
/// ```
pub fn quantity(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
    let whole = UNITS
        .iter()
        .find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit));
    whole.map_or_else(
        || bytes.to_string(),
        |(name, unit)| format!("{}{name}", bytes / unit),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_is_counted_in_bytes() {
        // The kernel counts by processor and adds up now and then, so the peak may lag behind what was now.
        for bytes in [super::resident(), super::peak()] {
            assert!((1 << 20..1 << 36).contains(&bytes), "{bytes} bytes");
        }
    }
}
