//! Random choices that depend on the seed and on what they are for, never on thread or time.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers of its own for each purpose.
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream for `purpose` under the user's seed.
    ///
    /// ```
    /// use genomic_pleiotropy::traits::random::Random;
    ///
    /// assert_eq!(Random::new(1, "rotation").below(1000), Random::new(1, "rotation").below(1000));
    /// ```
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes()).update(purpose.as_bytes());
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// A number from 0 to `bound` − 1; 0 for a bound of 0. Written out, so that results do not change with a library.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the upper half of the product is below the bound"
    )]
    pub fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * bound as u128;
        (product >> 64) as usize
    }

    /// Puts `items` into random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let count = items.len();
        self.bring_to_front(items, count);
    }

    /// Brings `count` items, drawn without replacement, to the front.
    pub fn bring_to_front<T>(&mut self, items: &mut [T], count: usize) {
        for place in 0..count.min(items.len()) {
            let other = place + self.below(items.len() - place);
            items.swap(place, other);
        }
    }
}
