//! Codons and how often they occur. A codon is a number from 0 to 63 in the order of NCBI's tables (T, C, A, G).

use std::ops::{AddAssign, Index, IndexMut};

/// One of the 64 codons: 16·first + 4·second + third with T=0, C=1, A=2, G=3.
///
/// ```
/// use genomic_pleiotropy::codons::Codon;
///
/// let aug = Codon::from_bases(b'a', b'u', b'g').unwrap();
/// assert_eq!((aug.as_index(), aug.to_bases()), (35, *b"ATG"));
/// assert_eq!(Codon::from_bases(b'A', b'N', b'G'), None);
/// assert_eq!(Codon::all().next().map(Codon::to_bases), Some(*b"TTT"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash)]
pub struct Codon(u8);

impl Codon {
    /// All codons, TTT first.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..64u8).map(Self)
    }

    /// The codon of three bases (upper or lower case, U read as T), `None` if one is ambiguous.
    pub const fn from_bases(first: u8, second: u8, third: u8) -> Option<Self> {
        let (first, second, third) = (BASE[first as usize], BASE[second as usize], BASE[third as usize]);
        if (first | second | third) & 4 == 0 {
            Some(Self(first * 16 + second * 4 + third))
        } else {
            None
        }
    }

    /// Its place in the order, 0 to 63.
    pub const fn as_index(self) -> usize {
        self.0 as usize
    }

    /// The codon at that place.
    ///
    /// # Panics
    /// If `index` is above 63.
    pub const fn from_index(index: usize) -> Self {
        assert!(index < 64, "a codon's index is below 64");
        #[expect(clippy::cast_possible_truncation, reason = "checked in the line above")]
        Self(index as u8)
    }

    /// Its three letters, upper case with T.
    pub const fn to_bases(self) -> [u8; 3] {
        const LETTERS: [u8; 4] = *b"TCAG";
        [
            LETTERS[self.0 as usize >> 4],
            LETTERS[self.0 as usize >> 2 & 3],
            LETTERS[self.0 as usize & 3],
        ]
    }
}

/// 0 to 3 for T, C, A, G; 4 for every other byte.
const BASE: [u8; 256] = {
    let mut table = [4; 256];
    let letters = *b"TCAG";
    let mut code = 0_u8;
    while code < 4 {
        let letter = letters[code as usize];
        table[letter as usize] = code;
        table[letter.to_ascii_lowercase() as usize] = code;
        code += 1;
    }
    table[b'U' as usize] = 0;
    table[b'u' as usize] = 0;
    table
};

/// How often each codon occurs.
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub struct CodonCounts([u32; 64]);

impl Default for CodonCounts {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl CodonCounts {
    /// The 64 counts in the codons' order.
    pub const fn as_array(&self) -> &[u32; 64] {
        &self.0
    }

    /// Codons counted.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|&count| u64::from(count)).sum()
    }
}

impl From<[u32; 64]> for CodonCounts {
    fn from(counts: [u32; 64]) -> Self {
        Self(counts)
    }
}

impl Index<Codon> for CodonCounts {
    type Output = u32;

    fn index(&self, codon: Codon) -> &u32 {
        &self.0[codon.as_index()]
    }
}

impl IndexMut<Codon> for CodonCounts {
    fn index_mut(&mut self, codon: Codon) -> &mut u32 {
        &mut self.0[codon.as_index()]
    }
}

impl AddAssign<&Self> for CodonCounts {
    fn add_assign(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_index_are_the_same_codon() {
        for codon in Codon::all() {
            let [first, second, third] = codon.to_bases();
            assert_eq!(Codon::from_bases(first, second, third), Some(codon));
            assert_eq!(Codon::from_index(codon.as_index()), codon);
        }
        assert_eq!(Codon::from_bases(b'u', b'U', b't').map(Codon::as_index), Some(0));
        assert_eq!(Codon::from_bases(b'A', b'N', b'G'), None);
    }
}
