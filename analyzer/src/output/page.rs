//! `report.html`: one self-contained page. No network, no code but its own, every name escaped.
//!
//! Without JavaScript it is complete but for the long tables; with it they sort and search, and the pictures answer.

mod data;
mod pictures;
mod sections;

use super::Facts;
use super::text::{html, json_in_html};

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

/// The page.
pub(crate) fn page(facts: &Facts) -> String {
    let data = json_in_html(&data::json(facts));
    let sections = sections::all(facts);
    // No name can hold the page's own hash, so nothing that got into the page could carry its nonce.
    let nonce = blake3::hash(format!("{STYLE}{CODE}{data}{sections}").as_bytes()).to_hex();
    let nonce = &nonce.as_str()[..32];
    let title = html(&facts.title());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-{nonce}'; \
         script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title} · genomic pleiotropy</title>\n<style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n<body>\n\
         {sections}\
         <script type=\"application/json\" id=\"data\" nonce=\"{nonce}\">{data}</script>\n\
         <script nonce=\"{nonce}\">\n{CODE}</script>\n</body>\n</html>\n"
    )
}
