//! Files of this machine. In a volume a path is resolved beneath the volume's folder, whatever symlinks lie in it, and
//! only regular files are read; a path that a person gives on the command line is opened as it is.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use rustix::fs::{CWD, Dir, Mode, OFlags, ResolveFlags, open, openat, openat2};
use rustix::io::Errno;

use super::InputError;

/// Folders in folders that a listing goes down.
const DEEPEST: usize = 64;

/// How often a lookup is tried that a rename elsewhere disturbed.
const TRIES: u32 = 16;

/// A place on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a volume: nothing leads out of `folder`.
    Volume {
        /// Where the volume is.
        folder: PathBuf,
        /// The path in it.
        inside: PathBuf,
    },
    /// Where its owner says.
    Own(PathBuf),
}

/// What there is to know of a file without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) size: u64,
    /// Changes with the content. A pipe has none.
    pub(crate) etag: Option<String>,
}

impl Place {
    pub(crate) fn to_path(&self) -> PathBuf {
        match self {
            Self::Volume { folder, inside } => folder.join(inside),
            Self::Own(path) => path.clone(),
        }
    }

    fn join(&self, name: &Path) -> Self {
        match self {
            Self::Volume { folder, inside } => Self::Volume {
                folder: folder.clone(),
                inside: inside.join(name),
            },
            Self::Own(path) => Self::Own(path.join(name)),
        }
    }

    /// Opens the file, if it is still the one of `etag`.
    pub(crate) fn open(&self, etag: Option<&str>) -> Result<File, InputError> {
        let file = match self {
            // A pipe without a writer must not block.
            Self::Volume { folder, inside } => {
                beneath(folder, inside, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)
            }
            Self::Own(path) => File::open(path),
        };
        let file = file.map_err(refused)?;
        let metadata = file.metadata()?;
        self.require_file(&metadata)?;
        match (etag, etag_of(&metadata)) {
            (Some(seen), Some(found)) if seen != found => Err(InputError::Changed),
            _ => Ok(file),
        }
    }

    pub(crate) fn stat(&self) -> Result<Stated, InputError> {
        let metadata = self.metadata().map_err(refused)?;
        self.require_file(&metadata)?;
        Ok(stated(&metadata))
    }

    fn metadata(&self) -> io::Result<Metadata> {
        match self {
            Self::Volume { folder, inside } => beneath(folder, inside, OFlags::PATH)?.metadata(),
            Self::Own(path) => fs::metadata(path),
        }
    }

    fn require_file(&self, metadata: &Metadata) -> Result<(), InputError> {
        match self {
            _ if metadata.is_file() => Ok(()),
            Self::Own(_) if !metadata.is_dir() => Ok(()),
            _ => Err(InputError::NotAllowed(kind(metadata))),
        }
    }

    /// All files below this folder, with their paths from here. What a volume holds beside files is listed as well, so
    /// that reading it says what is wrong with it.
    pub(crate) fn list(&self) -> Result<Vec<(PathBuf, Stated)>, InputError> {
        let mut found = Vec::new();
        let mut above = Vec::new();
        self.walk(Path::new(""), &mut above, &mut found)?;
        Ok(found)
    }

    fn walk(
        &self,
        prefix: &Path,
        above: &mut Vec<(u64, u64)>,
        found: &mut Vec<(PathBuf, Stated)>,
    ) -> Result<(), InputError> {
        for name in self.names().map_err(refused)? {
            let (place, path) = (self.join(&name), prefix.join(&name));
            match place.metadata() {
                Ok(metadata) if metadata.is_dir() => {
                    let folder = (metadata.dev(), metadata.ino());
                    // A symlink to a folder above would lead round for ever.
                    if above.len() < DEEPEST && !above.contains(&folder) {
                        above.push(folder);
                        place.walk(&path, above, found)?;
                        above.pop();
                    }
                }
                Ok(metadata) if metadata.is_file() => found.push((path, stated(&metadata))),
                _ if matches!(self, Self::Volume { .. }) => found.push((path, Stated::default())),
                _ => {}
            }
        }
        Ok(())
    }

    fn names(&self) -> io::Result<Vec<PathBuf>> {
        let folder = match self {
            Self::Volume { folder, inside } => beneath(folder, inside, OFlags::RDONLY | OFlags::DIRECTORY)?,
            Self::Own(path) => File::open(path)?,
        };
        let mut names = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            // A URI is text: a name that is none can't be asked for.
            if let Ok(name) = entry.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                names.push(PathBuf::from(name));
            }
        }
        Ok(names)
    }
}

fn stated(metadata: &Metadata) -> Stated {
    Stated {
        size: if metadata.is_file() { metadata.len() } else { 0 },
        etag: etag_of(metadata),
    }
}

/// Inode, time of the last change and size, as web servers do it.
fn etag_of(metadata: &Metadata) -> Option<String> {
    if !metadata.is_file() {
        return None;
    }
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "{:x}-{:x}-{:x}",
        metadata.ino(),
        changed.as_micros(),
        metadata.len()
    ))
}

fn kind(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    match kind {
        _ if kind.is_dir() => "is a folder",
        _ if kind.is_fifo() => "is a pipe",
        _ if kind.is_socket() => "is a socket",
        _ => "is a device",
    }
}

fn refused(error: io::Error) -> InputError {
    match Errno::from_io_error(&error) {
        Some(Errno::XDEV) => InputError::NotAllowed("leads out of its volume"),
        Some(Errno::LOOP) => InputError::NotAllowed("leads through a symlink that is not followed"),
        Some(Errno::NXIO) => InputError::NotAllowed("is a socket or a device"),
        Some(Errno::NOENT | Errno::NOTDIR) => InputError::NotFound,
        Some(Errno::ACCESS | Errno::PERM) => InputError::Denied(error.to_string()),
        _ => InputError::Io(error),
    }
}

/// Opens `inside` with no step out of `folder`.
fn beneath(folder: &Path, inside: &Path, flags: OFlags) -> io::Result<File> {
    let is_step_down = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !inside.components().all(is_step_down) {
        return Err(Errno::XDEV.into());
    }
    let inside = if inside.as_os_str().is_empty() {
        Path::new(".")
    } else {
        inside
    };
    let flags = flags | OFlags::CLOEXEC;
    let root = open(
        folder,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let how = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..TRIES {
        match openat2(&root, inside, flags, Mode::empty(), how) {
            Ok(file) => return Ok(file.into()),
            Err(Errno::AGAIN | Errno::INTR) => {}
            // A kernel before 5.6, gVisor, or a filter that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => return step_by_step(folder, inside, flags),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Errno::AGAIN.into())
}

/// The same where the kernel can't do it: a step a call, and no symlink is followed, not even one that stays inside.
fn step_by_step(folder: &Path, inside: &Path, flags: OFlags) -> io::Result<File> {
    let folder_flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = openat(CWD, folder, folder_flags, Mode::empty())?;
    let mut parts = inside.components().peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let step = if is_last { flags } else { folder_flags } | OFlags::NOFOLLOW;
        at = openat(&at, part.as_os_str(), step, Mode::empty())?;
        // With `PATH` a symlink itself is opened.
        let found = File::from(at);
        if found.metadata()?.is_symlink() {
            return Err(Errno::LOOP.into());
        }
        at = found.into();
    }
    Ok(at.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use genome_contract::Reason;
    use rustix::fs::{FileType, mknodat};

    use super::*;

    /// A volume with everything in it that must not be read, and two files that may.
    fn volume() -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir_all(at("volume/folder.fa")).unwrap();
        fs::create_dir_all(at("volume/deep/er")).unwrap();
        fs::write(at("secret.fa"), b">secret\n").unwrap();
        fs::write(at("volume/plain.fa"), b">plain\n").unwrap();
        symlink("../plain.fa", at("volume/deep/inside.fa")).unwrap();
        for (target, name) in [
            ("../secret.fa", "out.fa"),
            ("deep/../../secret.fa", "down_and_out.fa"),
            ("/etc/passwd", "absolute.fa"),
            ("/proc/self/fd/0", "magic.fa"),
            ("/proc/self/environ", "environment.fa"),
            ("..", "folder_out"),
            ("loop.fa", "loop.fa"),
            ("/dev/zero", "device_link.fa"),
        ] {
            symlink(target, at("volume").join(name)).unwrap();
        }
        symlink(at("volume/plain.fa"), at("volume/absolute_inside.fa")).unwrap();
        mknodat(
            CWD,
            at("volume/pipe.fa"),
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        drop(std::os::unix::net::UnixListener::bind(at("volume/socket.fa")).unwrap());
        place
    }

    const REFUSED: [&str; 17] = [
        "out.fa",
        "down_and_out.fa",
        "absolute.fa",
        "absolute_inside.fa",
        "magic.fa",
        "environment.fa",
        "folder_out/secret.fa",
        "folder_out",
        "loop.fa",
        "device_link.fa",
        "pipe.fa",
        "socket.fa",
        "folder.fa",
        "../secret.fa",
        "deep/../../secret.fa",
        "/etc/passwd",
        "",
    ];

    #[test]
    fn whatever_is_no_file_of_the_volume_is_refused() {
        let place = volume();
        let at = |inside: &str| Place::Volume {
            folder: place.path().join("volume"),
            inside: inside.into(),
        };
        for inside in REFUSED {
            for error in [at(inside).open(None).unwrap_err(), at(inside).stat().unwrap_err()] {
                assert_eq!(error.reason(), Reason::FileNotAllowed, "`{inside}`: {error}");
            }
        }
        for inside in ["plain.fa", "deep/inside.fa", "./plain.fa"] {
            let file = at(inside).open(None).unwrap();
            assert_eq!(io::read_to_string(file).unwrap(), ">plain\n");
        }
        let error = at("nowhere.fa").open(None).unwrap_err();
        assert_eq!(error.reason(), Reason::InputNotFound);
    }

    #[test]
    fn without_help_of_the_kernel_no_symlink_is_followed() {
        let place = volume();
        let open = |inside: &str| {
            let folder = place.path().join("volume");
            step_by_step(&folder, Path::new(inside), OFlags::RDONLY | OFlags::NONBLOCK)
        };
        for inside in [
            "out.fa",
            "absolute.fa",
            "magic.fa",
            "loop.fa",
            "folder_out/secret.fa",
            "deep/inside.fa",
        ] {
            let error = refused(open(inside).unwrap_err());
            assert!(
                matches!(error.reason(), Reason::FileNotAllowed | Reason::InputNotFound),
                "`{inside}`: {error}"
            );
        }
        assert_eq!(io::read_to_string(open("plain.fa").unwrap()).unwrap(), ">plain\n");
    }

    #[test]
    fn a_listing_stays_in_the_volume_and_ends() {
        let place = volume();
        let listed = Place::Volume {
            folder: place.path().join("volume"),
            inside: PathBuf::new(),
        };
        symlink("..", place.path().join("volume/deep/round")).unwrap();
        let mut names: Vec<_> = listed
            .list()
            .unwrap()
            .into_iter()
            .filter(|(_, stated)| stated.size > 0)
            .map(|(path, _)| path.display().to_string())
            .collect();
        names.sort();
        assert!(names.contains(&"plain.fa".to_owned()) && names.contains(&"deep/inside.fa".to_owned()));
        assert!(!names.iter().any(|name| name.contains("secret")), "{names:?}");
    }

    #[test]
    fn a_person_may_name_a_symlink_and_a_file_that_changed_is_told() {
        let place = volume();
        let link = Place::Own(place.path().join("volume/out.fa"));
        assert_eq!(io::read_to_string(link.open(None).unwrap()).unwrap(), ">secret\n");
        let seen = link.stat().unwrap().etag;
        assert!(link.open(seen.as_deref()).is_ok());
        fs::write(place.path().join("secret.fa"), b">secret too\n").unwrap();
        let error = link.open(seen.as_deref()).unwrap_err();
        assert_eq!(error.reason(), Reason::InputChanged);
    }
}
