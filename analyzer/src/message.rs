//! Speaks through the termination message file: one write at offset 0 of exactly 4,096 bytes.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use genome_contract::message::{Failure, ReasonCount};
use genome_contract::{Message, Reason, Verb, names};

use crate::memory;

/// Keeps the message, and writes it when it changes. Whoever knows it may speak.
pub struct Messenger {
    file: Option<File>,
    message: Mutex<Message>,
}

impl Messenger {
    /// A messenger that writes to `file`, or to nothing.
    pub fn new(file: Option<File>) -> Self {
        Self {
            file,
            message: Mutex::new(Message::new(Verb::Plan)),
        }
    }

    /// Opens the message file: the one that is named, else the pod's where there is one.
    pub fn open(path: Option<&Path>) -> io::Result<Self> {
        let existing = OpenOptions::new().write(true).open(names::MESSAGE_PATH).ok();
        let file = match path {
            // Not truncated: a reader sees the last message until the next one replaces it.
            Some(path) => Some(
                OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(path)?,
            ),
            None => existing.filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_file())),
        };
        Ok(Self::new(file))
    }

    /// What was said last.
    pub fn message(&self) -> Message {
        self.locked().clone()
    }

    /// The first word of a verb, or of a task.
    pub fn begin(&self, verb: Verb, task: Option<u32>) {
        self.update(|message| {
            let before = std::mem::replace(message, Message::new(verb));
            message.task = task;
            message.plan = before.plan;
            message.failure = before.failure;
            message.failures_by_reason = before.failures_by_reason;
            message.genomes = before.genomes;
            message.chunks = before.chunks;
        });
    }

    /// Changes the message and writes it.
    pub fn update(&self, change: impl FnOnce(&mut Message)) {
        let mut message = self.locked();
        change(&mut message);
        message.peak_memory_bytes = memory::peak();
        if let Some(file) = &self.file
            && let Err(error) = file.write_all_at(&message.to_padded_bytes(), 0)
        {
            tracing::warn!(%error, "cannot write the termination message");
        }
    }

    /// Counts a failed genome; the first one is named.
    pub fn count_failure(&self, failure: Failure) {
        let mut message = self.locked();
        count(&mut message.failures_by_reason, failure.reason);
        message.genomes.failed += 1;
        message.failure.get_or_insert(failure);
    }

    fn locked(&self) -> MutexGuard<'_, Message> {
        self.message.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last word.
    pub fn finish(&self, failure: Option<Failure>) {
        self.update(|message| {
            message.finished = true;
            message.genome = None;
            message.failure = failure.or(message.failure.take());
        });
    }
}

fn count(counts: &mut Vec<ReasonCount>, reason: Reason) {
    match counts.iter_mut().find(|entry| entry.reason == reason) {
        Some(entry) => entry.count += 1,
        None => counts.push(ReasonCount { reason, count: 1 }),
    }
    counts.sort_by_key(|entry| (std::cmp::Reverse(entry.count), entry.reason));
}
