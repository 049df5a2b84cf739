//! Bytes of a sequence line → base codes: 0 to 3 for T, C, A, G (the order of [`Codon`](crate::codons::Codon)), 4 for an
//! ambiguous base. Code xor 2 is the complement.
//!
//! | byte | becomes |
//! |---|---|
//! | `A C G T U`, either case | its code |
//! | `R Y S W K M B D H V N X ?`, either case | ambiguous |
//! | `-` `.` | nothing: an alignment's gap is no base |
//! | blank, tab | nothing |
//! | `E F I L P Q J O Z *` | an error: letters of proteins only |
//! | anything else | an error |

/// The code of a base that is none of the four.
pub(crate) const AMBIGUOUS: u8 = 4;

/// Ambiguous after complementing too.
pub(crate) const AMBIGUOUS_BIT: u8 = 4;

/// A byte that is no base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotABase {
    /// The byte.
    pub(crate) byte: u8,
    /// Whether the bytes look like amino acids.
    pub(crate) is_protein: bool,
}

/// Appends the codes of `bytes` to `codes`.
pub(crate) fn append(codes: &mut Vec<u8>, bytes: &[u8]) -> Result<(), NotABase> {
    let before = codes.len();
    codes.extend(bytes.iter().map(|&byte| code(byte)));
    // Nearly every line is plain bases: the branch-free loop above settles it, and only the others are looked at again.
    if codes[before..].iter().fold(0, |seen, code| seen | code) & AMBIGUOUS_BIT != 0 {
        codes.truncate(before);
        return append_checked(codes, bytes);
    }
    Ok(())
}

/// Branch-free, so that it is vectorized: bits 1 and 2 of the ASCII letters tell A, C, T (U) and G apart.
const fn code(byte: u8) -> u8 {
    let letter = byte | 0x20;
    let is_base =
        (letter == b'a') | (letter == b'c') | (letter == b'g') | (letter == b't') | (letter == b'u');
    let bits = byte >> 1 & 3;
    let code = bits ^ ((!bits & 1) << 1);
    if is_base { code } else { AMBIGUOUS }
}

fn append_checked(codes: &mut Vec<u8>, bytes: &[u8]) -> Result<(), NotABase> {
    for &byte in bytes {
        match byte.to_ascii_uppercase() {
            b'A' | b'C' | b'G' | b'T' | b'U' => codes.push(code(byte)),
            b'R' | b'Y' | b'S' | b'W' | b'K' | b'M' | b'B' | b'D' | b'H' | b'V' | b'N' | b'X' | b'?' => {
                codes.push(AMBIGUOUS);
            }
            b'-' | b'.' | b' ' | b'\t' => {}
            _ => {
                return Err(NotABase {
                    byte,
                    is_protein: is_protein(bytes),
                });
            }
        }
    }
    Ok(())
}

/// Bases make up nine tenths of a nucleotide sequence; of a protein, A, C, G, T and N make up about a quarter.
fn is_protein(bytes: &[u8]) -> bool {
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let bases = bytes
        .iter()
        .filter(|byte| b"ACGTUN".contains(&byte.to_ascii_uppercase()))
        .count();
    let is_text = bytes
        .iter()
        .all(|&byte| byte.is_ascii_alphabetic() || b"*-. \t".contains(&byte));
    is_text && letters > 0 && bases * 10 < letters * 7
}

/// G and C, and all unambiguous ones, among `codes`. Sums of 255 cannot overflow, and are not checked for it: a check would
/// keep the loop from becoming vector code.
pub(crate) fn gc(codes: &[u8]) -> (u64, u64) {
    let (mut gc, mut ambiguous) = (0, 0);
    for block in codes.chunks(255) {
        let (mut odd, mut marked) = (0u8, 0u8);
        for &code in block {
            odd = odd.wrapping_add(code & 1);
            marked = marked.wrapping_add(code >> 2);
        }
        gc += u64::from(odd);
        ambiguous += u64::from(marked);
    }
    (gc, codes.len() as u64 - ambiguous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codons::Codon;

    #[test]
    fn codes_are_those_of_codons() {
        for codon in Codon::all() {
            for bases in [
                codon.to_bases(),
                codon.to_bases().map(|base| base.to_ascii_lowercase()),
            ] {
                let mut codes = Vec::new();
                append(&mut codes, &bases).unwrap();
                let index = usize::from(codes[0]) * 16 + usize::from(codes[1]) * 4 + usize::from(codes[2]);
                assert_eq!(index, codon.as_index());
            }
        }
    }

    #[test]
    fn every_byte_is_a_base_ambiguous_dropped_or_refused() {
        for byte in 0..=255u8 {
            let mut codes = Vec::new();
            let outcome = append(&mut codes, &[byte]);
            let expected: Option<&[u8]> = match byte.to_ascii_uppercase() {
                b'T' | b'U' => Some(&[0]),
                b'C' => Some(&[1]),
                b'A' => Some(&[2]),
                b'G' => Some(&[3]),
                letter if b"RYSWKMBDHVNX?".contains(&letter) => Some(&[AMBIGUOUS]),
                b'-' | b'.' | b' ' | b'\t' => Some(&[]),
                _ => None,
            };
            assert_eq!(
                outcome.is_ok().then_some(codes.as_slice()),
                expected,
                "byte {byte}"
            );
        }
    }

    #[test]
    fn a_protein_is_told_from_a_damaged_sequence() {
        let mut codes = Vec::new();
        let protein = append(&mut codes, b"MKRISTTITTTITITTGNGAGLE*").unwrap_err();
        assert!(protein.is_protein);
        let damaged = append(&mut codes, b"ACGTACGTACGTACGTACGEACGT").unwrap_err();
        assert_eq!(
            damaged,
            NotABase {
                byte: b'E',
                is_protein: false
            }
        );
    }

    #[test]
    fn gc_leaves_ambiguous_bases_out() {
        let mut codes = Vec::new();
        append(&mut codes, "GCATN".repeat(200).as_bytes()).unwrap();
        assert_eq!(gc(&codes), (400, 800));
    }
}
