//! `docs/reference/tables.md` is generated; `BLESS=1` rewrites it.

use std::fs;
use std::path::Path;

#[test]
fn the_reference_of_the_tables_has_not_drifted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/tables.md");
    let page = genomic_pleiotropy::output::columns::reference();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page,
        "hint: `make bless`, and look at the difference"
    );
}
