//! `report.html` in headless Chromium, driven over a pipe: what people see, click and type.
//!
//! Ignored by `cargo test`, because not everybody has Chromium; `make test` runs them where it is.

#[path = "page/browser.rs"]
mod browser;
#[path = "page/corpus.rs"]
mod corpus;
#[path = "page/hostile.rs"]
mod hostile;
#[path = "page/made.rs"]
mod made;

use std::time::Duration;

use browser::{Browser, PHONE, SCREEN};
use made::Pages;

#[test]
#[ignore = "needs chromium"]
fn tables_sort_and_search() {
    let browser = Browser::open(&Pages::made().genome, SCREEN);
    let count = browser.text("#table-genes .count");
    let (found, all) = count.split_once(" of ").unwrap();
    assert_eq!(format!("{found} genes"), all);
    let codons = "#table-genes thead th:nth-child(7)";
    for (wanted, order) in [("descending", "b - a"), ("ascending", "a - b")] {
        browser.click(&format!("{codons} button"));
        assert_eq!(
            browser.text_of(&format!("document.querySelector('{codons}').ariaSort")),
            wanted
        );
        let is_sorted = format!(
            "(() => {{ const cells = [...document.querySelectorAll('#table-genes tbody td:nth-child(7)')].map((cell) => \
             Number(cell.textContent.replaceAll('\u{202f}', ''))); return cells.length === 100 && String(cells) === \
             String([...cells].sort((a, b) => {order})); }})()"
        );
        assert!(browser.is(&is_sorted), "{wanted}");
    }
    browser.type_into("#table-genes input", "SYN001_00100");
    assert_eq!(browser.text("#table-genes tbody tr td"), "SYN001_00100");
    assert_eq!(
        browser.number("document.querySelectorAll('#table-genes tbody tr').length"),
        1.0
    );

    browser.type_into("#traits-tools input", "planted");
    assert!(browser.text("#traits-tools .count").starts_with("2 of "));
    browser.type_into("#traits-tools input", "");
    browser.click("#traits thead th:nth-child(4) button");
    let order = "[...document.querySelectorAll('#traits tbody tr')].map((row) => Number(row.cells[3].dataset.v || -1))";
    assert!(browser.is(&format!(
        "String({order}) === String({order}.sort((a, b) => b - a))"
    )));
    browser.assert_quiet();
}

#[test]
#[ignore = "needs chromium"]
fn a_picked_trait_lights_up_everywhere() {
    let browser = Browser::open(&Pages::made().genome, SCREEN);
    let before = browser.text("#table-scores .count");
    browser.click("#traits tbody th[data-t='planted_1'] button");
    assert!(
        browser
            .text("#legend")
            .contains("planted_1: genes of the set, 30"),
        "{}",
        browser.text("#legend")
    );
    assert_ne!(browser.text("#table-scores .count"), before);
    assert!(browser.is("[...document.querySelectorAll('#table-scores tbody td:nth-child(3)')].every((cell) => cell.textContent === 'planted_1')"));
    assert!(browser.is("document.querySelector('tr.picked th').dataset.t === 'planted_1'"));
    // The dots' colour is on the canvas.
    let lit = "(() => { const canvas = document.getElementById('map'); const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, \
               canvas.height).data; let lit = 0; for (let at = 0; at < pixels.length; at += 4) if (pixels[at] < 40 && pixels[at + 1] > 95 && \
               pixels[at + 2] > 90 && pixels[at + 3] > 200) lit += 1; return lit; })()";
    assert!(browser.number(lit) > 100.0);
    browser.click("#traits tbody th[data-t='planted_1'] button");
    assert_eq!(browser.text("#table-scores .count"), before);
    browser.assert_quiet();
}

#[test]
#[ignore = "needs chromium"]
fn the_keyboard_reaches_and_works_everything() {
    let browser = Browser::open(&Pages::made().genome, SCREEN);
    browser.press("Tab");
    assert_eq!(browser.text_of("document.activeElement.className"), "skip");
    browser.press("Enter");
    browser.press("Tab");
    assert_eq!(
        browser.text_of("document.activeElement.ariaLabel"),
        "Search traits"
    );
    // On to the table's region, and its first header.
    browser.press("Tab");
    browser.press("Tab");
    assert_eq!(
        browser.text_of("document.activeElement.closest('th').textContent"),
        "Trait"
    );
    browser.press("Enter");
    assert_eq!(
        browser.text_of("document.activeElement.closest('th').ariaSort"),
        "ascending"
    );

    browser.run("document.getElementById('heatmap').focus()");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    assert!(
        browser.text("#pair").contains("r = "),
        "{}",
        browser.text("#pair")
    );

    browser.run("document.getElementById('map').focus()");
    browser.press("ArrowRight");
    let one = browser.text("#point b");
    browser.press("ArrowRight");
    assert_ne!(browser.text("#point b"), one);
    browser.press("Enter");
    assert_eq!(browser.text("#table-genes tbody td"), browser.text("#point b"));
    let unnamed = "[...document.querySelectorAll('button, input, select, a, [tabindex=\"0\"]')].filter((element) => !(element.textContent.trim() || \
                   element.ariaLabel || element.labels?.length)).map((element) => element.outerHTML.slice(0, 80)).join('\\n')";
    assert_eq!(browser.text_of(unnamed), "");
    browser.assert_quiet();
}

#[test]
#[ignore = "needs chromium"]
fn a_phone_never_scrolls_sideways() {
    for page in [&Pages::made().genome, &Pages::made().cohort] {
        let browser = Browser::open(page, PHONE);
        assert_eq!(
            browser.number("document.documentElement.scrollWidth"),
            360.0,
            "{}",
            page.display()
        );
        // Nothing outside a scrolling region stands beyond the edge.
        let beyond = "[...document.querySelectorAll('main *')].filter((element) => !element.closest('.scroll') && \
                      element.getBoundingClientRect().right > 361).map((element) => element.outerHTML.slice(0, 80)).join('\\n')";
        assert_eq!(browser.text_of(beyond), "");
        browser.assert_quiet();
    }
}

#[test]
#[ignore = "needs chromium"]
fn text_stands_out_in_light_and_in_dark() {
    let browser = Browser::open(&Pages::made().genome, SCREEN);
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        papers.push(browser.text_of("getComputedStyle(document.body).backgroundColor"));
        for element in [
            "h1",
            ".note",
            ".claim",
            "nav a",
            "#traits .chip",
            "#traits td small",
            "footer",
            "button.small",
        ] {
            let contrast = browser.number(&format!("({CONTRAST})(document.querySelector('{element}'))"));
            assert!(contrast >= 4.5, "{scheme}, `{element}`: {contrast:.2}");
        }
    }
    assert_ne!(papers[0], papers[1]);
    browser.assert_quiet();
}

/// The contrast of WCAG 2 between an element's text and what is painted below it.
const CONTRAST: &str = "(element) => { const parse = (colour) => colour.match(/[\\d.]+/g).map(Number); \
    const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4) \
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0); let below = element; \
    while (below && (parse(getComputedStyle(below).backgroundColor)[3] ?? 1) === 0) below = below.parentElement; \
    const [one, other] = [luminance(parse(getComputedStyle(element).color)), luminance(parse(getComputedStyle(below).backgroundColor))]; \
    return (Math.max(one, other) + .05) / (Math.min(one, other) + .05); }";

#[test]
#[ignore = "needs chromium"]
fn large_pages_load_in_a_second_and_filter_in_a_tenth() {
    let pages = Pages::made();
    let of = [
        ("genes", &pages.genome, "genes", "_0001"),
        ("genomes", &pages.cohort, "genomes", "_99"),
    ];
    for (what, page, table, word) in of {
        // The best of three: others may compute beside us.
        let mut best = (Duration::MAX, Duration::MAX);
        for _ in 0..3 {
            let browser = Browser::open(page, SCREEN);
            let milliseconds = |script: &str| Duration::from_secs_f64(browser.number(script) / 1e3);
            best.0 = best.0.min(milliseconds(
                "performance.getEntriesByType('navigation')[0].loadEventEnd",
            ));
            let filter = format!(
                "(() => {{ const field = document.querySelector('#table-{table} input'); const begin = performance.now(); field.value = '{word}'; \
                 field.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - begin; }})()"
            );
            best.1 = best.1.min(milliseconds(&filter));
            assert!(
                !browser
                    .text(&format!("#table-{table} .count"))
                    .starts_with("0 of")
            );
        }
        println!("{what}: loaded in {:.0?}, filtered in {:.1?}", best.0, best.1);
        assert!(best.0 < Duration::from_secs(1), "{what}: loaded in {:?}", best.0);
        assert!(
            best.1 < Duration::from_millis(100),
            "{what}: filtered in {:?}",
            best.1
        );
    }
}
