//! Names as Kubernetes takes them.

use super::Problems;

/// Refuses what is no DNS-1123 subdomain: the form of the names of Secrets, claims, ConfigMaps and classes.
pub(super) fn subdomain(path: &str, name: &str, problems: &mut Problems) {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    problems.require(name.len() <= 253 && name.split('.').all(is_label), path, || {
        format!("`{name}` is no name: lower-case letters, digits, `-` and `.`, beginning and ending with a letter or digit")
    });
}

/// Refuses what is no key of a ConfigMap.
pub(super) fn key(path: &str, key: &str, problems: &mut Problems) {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    problems.require(
        !key.is_empty() && key.len() <= 253 && key.bytes().all(allowed) && !key.starts_with(".."),
        path,
        || format!("`{key}` is no key of a ConfigMap: letters, digits, `-`, `_` and `.`"),
    );
}

/// Refuses what is no label key (`prefix/name`).
pub(super) fn label_key(path: &str, label: &str, problems: &mut Problems) {
    let (prefix, name) = label
        .split_once('/')
        .map_or((None, label), |(prefix, name)| (Some(prefix), name));
    if let Some(prefix) = prefix {
        subdomain(path, prefix, problems);
    }
    problems.require(!name.is_empty() && is_label_value(name), path, || {
        format!(
            "`{label}` is no label: letters, digits, `-`, `_` and `.`, at most 63 after an optional `prefix/`"
        )
    });
}

/// Refuses what is no label value.
pub(super) fn label_value(path: &str, value: &str, problems: &mut Problems) {
    problems.require(is_label_value(value), path, || {
        format!("`{value}` is no label value: at most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit")
    });
}

fn is_label_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    let ends = [bytes.first(), bytes.last()]
        .into_iter()
        .flatten()
        .all(u8::is_ascii_alphanumeric);
    ends && bytes.len() <= 63
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
