//! The memory limit of the control group that this process is in: the smallest one on the way up to the root, in either
//! version of the kernel's interface.

use std::fs;
use std::path::{Path, PathBuf};

/// Above this, version 1 means that there is none: it rounds the largest number down to a page.
const UNLIMITED: u64 = 1 << 62;

/// In bytes; `None` where there is none.
pub(super) fn memory_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    memory_limit_in(Path::new("/sys/fs/cgroup"), &groups)
}

/// The same for the groups of `/proc/self/cgroup`, mounted below `root`.
fn memory_limit_in(root: &Path, groups: &str) -> Option<u64> {
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (controllers, group) = (fields.next()?, fields.next()?);
            if controllers.is_empty() {
                smallest(root, group, "memory.max")
            } else if controllers.split(',').any(|controller| controller == "memory") {
                smallest(&root.join("memory"), group, "memory.limit_in_bytes")
            } else {
                None
            }
        })
        .min()
}

/// The smallest number in the file `name` of `group` and of all groups above it. A group that is not there is one seen
/// from outside a container: its root is the container's own.
fn smallest(root: &Path, group: &str, name: &str) -> Option<u64> {
    let own: PathBuf = root.join(group.trim_start_matches('/'));
    own.ancestors()
        .take_while(|folder| folder.starts_with(root))
        .filter_map(|folder| fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok())
        .filter(|&bytes| bytes < UNLIMITED)
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(files: &[(&str, &str)], groups: &str) -> Option<u64> {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        memory_limit_in(root.path(), groups)
    }

    #[test]
    fn version_2_has_the_smallest_limit_on_the_way_up() {
        let files = [
            ("pods/memory.max", "4096\n"),
            ("pods/one/memory.max", "max\n"),
            ("pods/one/deep/memory.max", "8192\n"),
        ];
        assert_eq!(limit(&files, "0::/pods/one/deep\n"), Some(4096));
        assert_eq!(limit(&files[1..], "0::/pods/one/deep\n"), Some(8192));
        assert_eq!(limit(&files[1..2], "0::/pods/one\n"), None);
    }

    #[test]
    fn version_1_has_its_own_folder_and_a_large_number_for_none() {
        let groups = "3:cpu,cpuacct:/docker/x\n2:memory:/docker/x\n0::/docker/x\n";
        let file = "memory/docker/x/memory.limit_in_bytes";
        assert_eq!(limit(&[(file, "268435456\n")], groups), Some(268_435_456));
        assert_eq!(limit(&[(file, "9223372036854771712\n")], groups), None);
    }

    #[test]
    fn a_container_sees_its_own_group_as_the_root() {
        assert_eq!(limit(&[("memory.max", "5000\n")], "0::/\n"), Some(5000));
        let hidden = "2:memory:/kubepods/pod1/container\n";
        assert_eq!(
            limit(&[("memory/memory.limit_in_bytes", "6000\n")], hidden),
            Some(6000)
        );
    }

    #[test]
    fn nonsense_is_no_limit() {
        for groups in ["", "0", "0::", ":::", "0::/../../..", "2:memory"] {
            assert_eq!(limit(&[("memory.max", "many\n")], groups), None, "{groups}");
        }
    }
}
