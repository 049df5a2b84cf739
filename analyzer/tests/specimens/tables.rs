//! Systematic cases: each byte in each place, each translation table, each value a field may and may not have. What they
//! lead to stands in tables of its own, not in the reader.

use genome_contract::Reason;
use genome_contract::request::{Associations, Method};
use genomic_pleiotropy::analyze::analyze;
use genomic_pleiotropy::codons::Codon;
use genomic_pleiotropy::genetic_code::GeneticCode;
use genomic_pleiotropy::read::{FastaKind, ReadError, ReadOptions, read_genome};
use genomic_pleiotropy::record::{Genome, Strand};
use genomic_pleiotropy::traits::Panel;

fn read(content: &[u8]) -> Result<Genome, ReadError> {
    read_genome(content, None::<&[u8]>, &ReadOptions::default())
}

/// A message says where, what was found, and what was expected.
#[track_caller]
fn is_refused(content: &[u8], line: u64, found: &str, expected: &str) {
    let error = read(content).unwrap_err();
    let (said, shown) = (error.to_string(), String::from_utf8_lossy(content).into_owned());
    assert_eq!(error.reason(), Reason::MalformedInput, "{shown}: {said}");
    assert!(said.starts_with(&format!("line {line}")), "{shown}: {said}");
    assert!(said.contains(found) && said.contains(expected), "{shown}: {said}");
}

/// One record with one CDS at `location`, and these lines of qualifiers; the sequence is 33 bases of one gene.
fn genbank(topology: &str, location: &str, qualifiers: &[&str]) -> Vec<u8> {
    let mut text = format!("LOCUS       X1 33 bp    DNA     {topology} BCT 01-JAN-2000\nVERSION     X1.1\n");
    text += "FEATURES             Location/Qualifiers\n";
    text += &format!("     CDS             {location}\n");
    for qualifier in qualifiers {
        text += &format!("{:21}/{qualifier}\n", "");
    }
    (text + "ORIGIN\n        1 atgaaacgca ttagcaccac cattaccacc taa\n//\n").into_bytes()
}

#[test]
fn each_byte_in_a_sequence_is_a_base_ambiguous_nothing_or_refused() {
    let bases = b"ACGTUacgtu";
    let ambiguous = b"RYSWKMBDHVNXryswkmbdhvnx?";
    let nothing = b" \t-.\r\n";
    for byte in 0..=255_u8 {
        let mut content = b">a\nATGAAACGC".to_vec();
        content.push(byte);
        content.extend(b"ATTAGCACC\n");
        let options = ReadOptions {
            fasta: Some(FastaKind::Genome),
            ..ReadOptions::default()
        };
        let read = read_genome(&content[..], None::<&[u8]>, &options);
        let counted = read.as_ref().ok().map(|genome| {
            let contig = &genome.contigs[0];
            (contig.length, contig.unambiguous_bases)
        });
        let expected = match byte {
            _ if bases.contains(&byte) => Some((19, 19)),
            _ if ambiguous.contains(&byte) => Some((19, 18)),
            _ if nothing.contains(&byte) => Some((18, 18)),
            _ => None,
        };
        assert_eq!(counted, expected, "byte {byte:#04x}: {read:?}");
        if let Err(error) = read {
            assert_eq!(error.reason(), Reason::MalformedInput);
            assert!(
                error.to_string().starts_with("line 2, record `a`: found "),
                "{error}"
            );
        }
    }
}

#[test]
fn each_byte_may_stand_in_a_header_and_none_breaks_a_message() {
    for byte in (0..=255_u8).filter(|byte| !b"\r\n".contains(byte)) {
        let mut content = b">a".to_vec();
        content.push(byte);
        content.extend(b"b c\nATGAAACGCATTAGCACCACCTAA\n>x\n!\n");
        let error = read(&content).unwrap_err().to_string();
        assert_eq!(error, "line 4, record `x`: found `!`, expected a nucleotide");
        let end = content.len() - b">x\n!\n".len();
        let genome = read(&content[..end]).unwrap();
        assert_eq!(
            (genome.genes.len(), genome.genes[0].codons.total()),
            (1, 6),
            "{byte:#04x}"
        );
        assert!(!genome.genes[0].id.is_empty());
    }
}

#[test]
fn each_byte_at_the_beginning_begins_a_format_or_is_refused_by_what_it_is() {
    for byte in 0..=255_u8 {
        let content = [&[byte][..], b"a\nACGT\n"].concat();
        let reason = read(&content)
            .map(|genome| genome.format)
            .map_err(|error| error.reason());
        match byte {
            b'>' => assert!(reason.is_ok()),
            _ => assert_eq!(reason, Err(Reason::UnknownFormat), "{byte:#04x}"),
        }
    }
}

#[test]
fn each_codon_of_each_translation_table_is_counted_as_the_table_says() {
    let mut tables = 0;
    for code in GeneticCode::all() {
        for codon in Codon::all() {
            let letters = String::from_utf8(codon.to_bases().to_vec()).unwrap();
            let text = format!(
                "LOCUS X1 12 bp DNA linear\nFEATURES  \n     CDS             1..12\n{:21}/transl_table={}\nORIGIN\n 1 atgaaa{letters}aaa\n//\n",
                "", code.id
            );
            let options = ReadOptions {
                keeps_proteins: true,
                ..ReadOptions::default()
            };
            let genome = read_genome(text.as_bytes(), None::<&[u8]>, &options).unwrap();
            let gene = &genome.genes[0];
            let is_stop = code.is_stop(codon);
            let own = u32::from(letters == "AAA") * 2;
            assert_eq!(gene.genetic_code, code.id);
            assert_eq!(
                (gene.codons[codon] - own, gene.left_out.inner_stops),
                if is_stop { (0, 1) } else { (1, 0) },
                "{letters} in table {}",
                code.id
            );
            assert_eq!(gene.protein.as_ref().unwrap()[2], code.amino_acid(codon));
        }
        tables += 1;
    }
    assert_eq!(tables, 27);
}

#[test]
fn numbers_that_are_no_translation_table_are_refused_by_line() {
    let known: Vec<u8> = GeneticCode::all().iter().map(|table| table.id).collect();
    let unknown = (0..=255_u8)
        .filter(|id| !known.contains(id))
        .map(|id| id.to_string());
    let nonsense = ["256", "-1", "eleven", "", "1 1", "4294967307"].map(str::to_owned);
    for value in unknown.chain(nonsense) {
        let content = genbank(
            "linear",
            "1..33",
            &["locus_tag=\"a\"", &format!("transl_table={value}")],
        );
        is_refused(
            &content,
            6,
            &format!("/transl_table={value}"),
            "an NCBI translation table",
        );
        let gff = format!(
            "##gff-version 3\nc\tt\tCDS\t1\t9\t.\t+\t0\ttransl_table={value}\n##FASTA\n>c\nATGAAATAA\n"
        );
        if !value.trim().is_empty() {
            is_refused(gff.as_bytes(), 2, value.trim(), "an NCBI translation table");
        }
    }
}

#[test]
fn locations_are_read_by_the_grammar_of_the_feature_table() {
    // location, start, end, strand, whether partial, codons counted and left out
    let cases = [
        ("1..33", 0, 33, '+', false, 9),
        ("complement(1..33)", 0, 33, '-', false, 10),
        ("join(1..12,13..33)", 0, 33, '+', false, 9),
        ("order(1..12,13..33)", 0, 33, '+', false, 9),
        ("bond(1..12,13..33)", 0, 33, '+', false, 9),
        ("one-of(1..33,4..33)", 0, 33, '+', false, 9),
        (
            "join(complement(13..33),complement(1..12))",
            0,
            33,
            '-',
            false,
            10,
        ),
        ("complement(join(1..12,13..33))", 0, 33, '-', false, 10),
        ("complement(complement(1..33))", 0, 33, '+', false, 9),
        ("<1..33", 0, 33, '+', true, 10),
        ("1..>33", 0, 33, '+', true, 9),
        ("<1..>33", 0, 33, '+', true, 10),
        (">1..33", 0, 33, '+', true, 10),
        ("(1.4)..33", 0, 33, '+', true, 10),
        ("1..(30.33)", 0, 33, '+', true, 9),
        ("X1.1:1..33", 0, 33, '+', false, 9),
        ("join(1..12,12^13,13..33)", 0, 33, '+', false, 9),
        ("join(1..6,7,8,9..33)", 0, 33, '+', false, 9),
    ];
    for (location, start, end, strand, is_partial, codons) in cases {
        let genome = read(&genbank("linear", location, &["locus_tag=\"a\""]))
            .unwrap_or_else(|error| panic!("{location}: {error}"));
        let gene = &genome.genes[0];
        let place = gene.location;
        let sign = if place.strand == Strand::Forward { '+' } else { '-' };
        assert_eq!(
            (place.start, place.end, sign, place.is_partial),
            (start, end, strand, is_partial),
            "{location}"
        );
        assert_eq!(
            gene.codons.total() + u64::from(gene.left_out.inner_stops),
            codons,
            "{location}: {gene:?}"
        );
    }
}

#[test]
fn locations_against_the_grammar_are_refused_by_line() {
    for location in [
        "1..",
        "..33",
        "..",
        "1...33",
        "1.33",
        "1-33",
        "a..b",
        "1..33)",
        "(1..33",
        "join(",
        "join()",
        "join(1..12,)",
        "join(,1..12)",
        "join(1..12;13..33)",
        "join 1..12,13..33",
        "complement()",
        "complement(1..33",
        "complement1..33",
        "<..33",
        "1..<",
        "+1..33",
        "1..33,",
        "1..33..40",
        "1^",
        "^2",
        "1.5..",
        "X:",
        ":1..33",
        "one-of()",
        "--",
        "1..0x21",
        "99999999999999999999..5",
        "1..99999999999999999999",
        "join(1..12,complement(13..33)",
        "join(1..12,13..33))",
        "gap(10)",
        "join(1..12,gap(10),13..33)",
        "?..33",
        "1..?",
        "\"1..33\"",
        "1 .. x",
        "join(join(1..3,4..6)",
        "(1.4..33",
    ] {
        let content = genbank("linear", location, &["locus_tag=\"a\""]);
        let line = 4;
        is_refused(&content, line, "found `", "expected a location such as");
    }
}

#[test]
fn qualifiers_with_a_wrong_value_are_refused_by_line() {
    for value in ["0", "4", "5", "-1", "1.5", "x", "", "\"\"", "10", "257", "one"] {
        let content = genbank(
            "linear",
            "1..33",
            &["product=\"p\"", &format!("codon_start={value}")],
        );
        is_refused(
            &content,
            6,
            &format!("/codon_start={value}").escape_debug().to_string(),
            "a `codon_start` of 1, 2 or 3",
        );
    }
    for value in [
        "",
        "()",
        "(pos:)",
        "(pos:4..6)",
        "(aa:Sec)",
        "(pos:4..6,aa)",
        "pos:4..6,aa:Sec)",
        "(pos:x..y,aa:Sec)",
        "(4..6,aa:Sec)",
        "(pos:4..,aa:Sec)",
        "(pos:join(4..6,aa:Sec)",
        "(POS:4..6,aa:Sec)",
    ] {
        let content = genbank(
            "linear",
            "1..33",
            &["locus_tag=\"a\"", &format!("transl_except={value}")],
        );
        is_refused(&content, 6, "/transl_except=", "`(pos:LOCATION,aa:AMINO_ACID)`");
    }
}

#[test]
fn columns_of_an_annotation_with_a_wrong_value_are_refused_by_line() {
    let row = |columns: [&str; 9]| {
        let row = columns.join("\t");
        format!("##gff-version 3\n# a comment\n{row}\n##FASTA\n>c\nATGAAATAA\n").into_bytes()
    };
    let good = ["c", "t", "CDS", "1", "9", ".", "+", "0", "ID=x"];
    assert_eq!(read(&row(good)).unwrap().genes.len(), 1);
    let wrong: [(usize, &[&str], &str); 3] = [
        (
            3,
            &["0", "-1", "", ".", "1.5", "x", "1e3", "18446744073709551616"],
            "a start, counted from 1",
        ),
        (
            4,
            &["-1", "", ".", "x", "9 9", "18446744073709551616"],
            "an end that is not below the start",
        ),
        (7, &["3", "-1", "", "00", "x", "+"], "a phase of 0, 1, 2 or `.`"),
    ];
    for (column, values, expected) in wrong {
        for value in values {
            let mut columns = good;
            columns[column] = value;
            is_refused(&row(columns), 3, &format!("found `{value}`"), expected);
        }
    }
    for count in (1..9).chain(10..12) {
        let columns: Vec<&str> = good.iter().copied().cycle().take(count).collect();
        let content = format!(
            "##gff-version 3\n# a comment\n{}\n##FASTA\n>c\nATGAAATAA\n",
            columns.join("\t")
        );
        is_refused(content.as_bytes(), 3, "found `c", "nine columns between tabs");
    }
    for strand in ["+", "-", ".", "?", ""] {
        let mut columns = good;
        columns[6] = strand;
        let reversed = strand == "-";
        let gene = &read(&row(columns)).unwrap().genes[0];
        assert_eq!(gene.location.strand == Strand::Reverse, reversed, "`{strand}`");
    }
}

#[test]
fn what_is_renamed_and_left_out_is_counted_in_the_genome_s_row() {
    let content = b">a [locus_tag=x]\nATGAAANNNTGACGCTAA\n>a [locus_tag=x]\nATGAAATAA\n>b [locus_tag=y] [transl_except=(pos:7..9,aa:Sec)] [location=1..>16]\nATGAAATGACGCAAAC\n";
    let genome = read(content).unwrap();
    let row = analyze(&genome, &Panel::default(), &Method::default(), Associations::Top).genome;
    assert_eq!((row.genes, row.genes_renamed), (3, 1));
    let kinds = [
        row.inner_stops,
        row.ambiguous_codons,
        row.excepted_codons,
        row.cut_codons,
    ];
    assert_eq!((kinds, row.codons_left_out), ([1, 1, 1, 1], 4));
}
