//! Resident memory of this process, as the kernel counts it.

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
