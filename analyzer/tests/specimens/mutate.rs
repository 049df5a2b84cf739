//! What is done to a specimen to make an input that nobody thought of.

/// A generator of numbers (xorshift64), the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % below.max(1) as u64).unwrap()
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// What means something to one of the readers, and numbers at the ends of their types.
const WORDS: [&str; 46] = [
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\t",
    " ",
    ">",
    "\n>",
    "//\n",
    "LOCUS       X ",
    "circular",
    "VERSION     ",
    "FEATURES             \n",
    "ORIGIN\n",
    "     CDS             ",
    "                     /",
    "join(",
    "complement(",
    "order(",
    "one-of(",
    ")",
    ",",
    "..",
    "^",
    "<",
    ">1",
    "X1.1:",
    "/codon_start=3\n",
    "/transl_except=(pos:4..6,aa:Sec)",
    "/transl_table=4",
    "/pseudo",
    "\"",
    "\"\"",
    "##FASTA\n",
    "##gff-version 3\n",
    "Is_circular=true",
    "ID=x;Parent=x",
    "%2C",
    "[location=complement(1..9)]",
    "[frame=2]",
    " # 1 # 9 # -1 # partial=11;",
    "0",
    "1",
    "4294967296",
    "18446744073709551615",
    "99999999999999999999",
];

/// Longest input: beyond it, only time is lost.
const LONGEST: usize = 1 << 14;

/// A few changes to `bytes`; `other` is another input to take parts of.
pub(crate) fn mutate(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=random.below(4) {
        change(random, bytes, other);
        bytes.truncate(LONGEST);
    }
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(bytes.len() + 1);
    let part = at..(at + random.below(64)).min(bytes.len());
    match random.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = random.byte(),
        2 => drop(bytes.drain(part)),
        3 => {
            let copied = bytes[part].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copied);
        }
        4 if !other.is_empty() => {
            let from = random.below(other.len());
            let end = (from + 1 + random.below(200)).min(other.len());
            bytes.splice(part, other[from..end].iter().copied());
        }
        5 => bytes.truncate(at),
        6 => another_number(random, bytes, at),
        _ => {
            let word = random.one_of(&WORDS).as_bytes();
            bytes.splice(at..at, word.iter().copied());
        }
    }
}

/// The next number of a text becomes another.
fn another_number(random: &mut Random, bytes: &mut Vec<u8>, from: usize) {
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = from + start;
    let length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number = match random.below(4) {
        0 => u64::MAX,
        1 => 0,
        _ => random.below(200) as u64,
    };
    bytes.splice(start..start + length, number.to_string().into_bytes());
}
