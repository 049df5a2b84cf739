//! The ninth column: `key=value;key=value,value`, percent-encoded.

/// The attributes of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a>(pub(super) &'a [u8]);

impl<'a> Attributes<'a> {
    /// The raw value of `key`.
    fn raw(self, key: &str) -> Option<&'a [u8]> {
        self.0.split(|&byte| byte == b';').find_map(|pair| {
            let (name, value) = pair.trim_ascii().split_at_checked(key.len())?;
            (name == key.as_bytes()).then(|| value.strip_prefix(b"="))?
        })
    }

    /// The value of `key`, decoded.
    pub(super) fn get(self, key: &str) -> Option<String> {
        self.raw(key).map(decoded).filter(|value| !value.is_empty())
    }

    /// The values of `key`.
    pub(super) fn list(self, key: &str) -> Vec<String> {
        let values = self.raw(key).unwrap_or_default().split(|&byte| byte == b',');
        values.map(decoded).filter(|value| !value.is_empty()).collect()
    }

    /// Whether they are written as in GTF: `gene_id "b0001"; transcript_id "…"`.
    pub(super) fn are_of_gtf(self) -> bool {
        let mut words = self.0.trim_ascii_start().splitn(2, u8::is_ascii_whitespace);
        let key = words.next().unwrap_or_default();
        !key.contains(&b'=')
            && words
                .next()
                .is_some_and(|value| value.trim_ascii_start().starts_with(b"\""))
    }

    pub(super) fn is_true(self, key: &str) -> bool {
        self.raw(key)
            .is_some_and(|value| value.eq_ignore_ascii_case(b"true"))
    }
}

/// Undoes percent-encoding; what is no `%` and two hexadecimal digits stays.
fn decoded(value: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.trim_ascii();
    while let [first, after @ ..] = rest {
        let hex = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, hex(0), hex(1)) {
            bytes.extend(u8::try_from(high * 16 + low));
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_whole_key_and_decoded() {
        let attributes = Attributes(b"ID=cds-1;gene_synonym=a%2Cb,c; pseudo=true;Note=50%;gene=x");
        assert_eq!(attributes.get("gene").as_deref(), Some("x"));
        assert_eq!(attributes.list("gene_synonym"), ["a,b", "c"]);
        assert_eq!(attributes.get("Note").as_deref(), Some("50%"));
        assert_eq!(attributes.get("I"), None);
        assert!(attributes.is_true("pseudo"));
    }
}
