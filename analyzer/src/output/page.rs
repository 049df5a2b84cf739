//! `report.html`: one self-contained page. No network, no code but its own, every name escaped.
//!
//! Without JavaScript it is complete but for the long tables; with it they sort and search, and the pictures answer.

mod data;
mod pictures;
mod sections;

use super::Facts;
use super::text::html;

const STYLE: &str = concat!(
    include_str!("page/style/base.css"),
    include_str!("page/style/tables.css"),
    include_str!("page/style/figures.css"),
);
/// One scope: each file uses what stands before it.
const CODE: &str = concat!(
    include_str!("page/script/kit.js"),
    include_str!("page/script/tables.js"),
    include_str!("page/script/heatmap.js"),
    include_str!("page/script/map.js"),
    include_str!("page/script/start.js"),
);

/// The page, made in one piece of memory: it may be large.
pub(crate) fn page(facts: &Facts) -> Vec<u8> {
    let mut page = Nonced::default();
    page.add(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-{nonce}'; \
         script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>",
    );
    page.extend(&html(&facts.title()));
    page.add(" · genomic pleiotropy</title>\n<style nonce=\"{nonce}\">\n");
    page.extend(STYLE);
    page.add("</style>\n</head>\n<body>\n");
    page.extend(&sections::all(facts));
    page.add("<script type=\"application/json\" id=\"data\" nonce=\"{nonce}\">");
    data::write(facts, &mut page.bytes);
    page.add("</script>\n<script nonce=\"{nonce}\">\n");
    page.extend(CODE);
    page.add("</script>\n</body>\n</html>\n");
    page.finish()
}

/// A page that grows, with gaps for a nonce that is known at its end.
#[derive(Default)]
struct Nonced {
    bytes: Vec<u8>,
    gaps: Vec<usize>,
}

impl Nonced {
    const GAP: [u8; 32] = [b'0'; 32];

    fn extend(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Adds `text`, which is ours, with a gap wherever it says `{nonce}`.
    fn add(&mut self, text: &str) {
        for (place, part) in text.split("{nonce}").enumerate() {
            if place > 0 {
                self.gaps.push(self.bytes.len());
                self.bytes.extend(Self::GAP);
            }
            self.extend(part);
        }
    }

    /// No name can hold the hash of the page that it is in, so nothing that got into the page could carry its nonce.
    fn finish(mut self) -> Vec<u8> {
        let hash = blake3::hash(&self.bytes).to_hex();
        for gap in self.gaps {
            let gap = &mut self.bytes[gap..gap + Self::GAP.len()];
            gap.copy_from_slice(&hash.as_bytes()[..gap.len()]);
        }
        self.bytes
    }
}
