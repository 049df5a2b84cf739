//! What operator and analyzer both tell of their own process, under the same names: read from `/proc`, silent where there
//! is none.

use std::fs;

/// Linux reports processor time to user space in hundredths of a second on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// One figure of this process.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Name of the metric, without the `_total` of counters.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Whether it only grows.
    pub is_counter: bool,
    /// The value of the label `direction` (`in`, `out`), by the metric's own direction; one value without a label else.
    pub values: Vec<(Option<&'static str>, f64)>,
}

/// All figures of this process now.
pub fn readings() -> Vec<Reading> {
    let gauge = |name, help, value: f64| Reading {
        name,
        help,
        is_counter: false,
        values: vec![(None, value)],
    };
    let directed = |name, help, (inwards, outwards): (f64, f64)| Reading {
        name,
        help,
        is_counter: true,
        values: vec![(Some("in"), inwards), (Some("out"), outwards)],
    };
    let memory = resident_bytes().map(|bytes| {
        gauge(
            "process_resident_memory_bytes",
            "Memory of this process that is in RAM",
            bytes,
        )
    });
    let processor = cpu_seconds().map(|seconds| Reading {
        is_counter: true,
        ..gauge(
            "process_cpu_seconds",
            "Processor time this process has used",
            seconds,
        )
    });
    let disk = io_bytes().map(|bytes| {
        directed(
            "process_io_bytes",
            "Bytes this process has read and written",
            bytes,
        )
    });
    let network = network_bytes().map(|bytes| {
        directed(
            "network_bytes",
            "Bytes received and sent, loopback left out",
            bytes,
        )
    });
    [memory, processor, disk, network].into_iter().flatten().collect()
}

/// `VmRSS` of `/proc/self/status`, which is in kilobytes whatever the page size.
fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(field(&status, "VmRSS:")? * 1024.0)
}

/// Fields 14 and 15 of `/proc/self/stat`, counted behind the name in parentheses, which may hold spaces.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let user: f64 = fields.get(11)?.parse().ok()?;
    let system: f64 = fields.get(12)?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// What system calls have moved, page cache and sockets included.
fn io_bytes() -> Option<(f64, f64)> {
    let io = fs::read_to_string("/proc/self/io").ok()?;
    Some((field(&io, "rchar:")?, field(&io, "wchar:")?))
}

/// Of all interfaces of the pod but `lo`: bytes received are column 1, bytes sent column 9.
fn network_bytes() -> Option<(f64, f64)> {
    let table = fs::read_to_string("/proc/self/net/dev").ok()?;
    let rows = table.lines().filter_map(|line| line.split_once(':'));
    let outside = rows.filter(|(interface, _)| interface.trim() != "lo");
    Some(outside.fold((0.0, 0.0), |(received, sent), (_, columns)| {
        let columns: Vec<f64> = columns
            .split_whitespace()
            .filter_map(|text| text.parse().ok())
            .collect();
        let column = |index: usize| columns.get(index).copied().unwrap_or(0.0);
        (received + column(0), sent + column(8))
    }))
}

fn field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_has_computed_and_read() {
        let readings = readings();
        let value = |name: &str| readings.iter().find(|one| one.name == name).unwrap().values[0].1;
        assert!(value("process_resident_memory_bytes") > 100_000.0);
        assert!(value("process_io_bytes") > 0.0);
        assert!(value("process_cpu_seconds") >= 0.0 && value("network_bytes") >= 0.0);
    }
}
