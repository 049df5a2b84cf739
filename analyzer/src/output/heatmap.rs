//! The trait × trait correlation as pictures by themselves: `heatmap.svg` and `heatmap.png`. Red for r > 0, blue for
//! r < 0, grey where undefined; the bytes are a function of names and figures alone.

mod pixels;
mod vector;

pub(crate) use pixels::png;
pub(crate) use vector::svg;

use super::Facts;

/// What a picture shows.
pub(crate) struct Heatmap {
    names: Vec<String>,
    /// Row by row.
    values: Vec<Option<f64>>,
}

impl Heatmap {
    /// The correlations of `facts`.
    pub(crate) fn of(facts: &Facts) -> Self {
        let names = facts.plan.traits.clone();
        let traits = names.len();
        let pairs = (0..traits).flat_map(|row| (0..traits).map(move |column| (row, column)));
        let values = pairs.map(|(row, column)| facts.collected.correlation(row, column));
        Self {
            values: values.collect(),
            names,
        }
    }

    fn value(&self, row: usize, column: usize) -> Option<f64> {
        self.values[row * self.names.len() + column]
    }

    /// Letters of the longest name as it is shown.
    fn longest_name(&self) -> usize {
        let shown = |name: &String| name.chars().count().min(LONGEST_NAME);
        self.names.iter().map(shown).max().unwrap_or(0)
    }
}

/// Letters of a name that are shown.
const LONGEST_NAME: usize = 40;

/// Shades from r = -1 to r = 1, one a hundredth: with three more colours they fit into the palette of a PNG.
const SHADES: u8 = 201;

/// Where undefined values stand in the palette.
const UNDEFINED: u8 = SHADES;

/// The place of a correlation in the palette.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 200"
)]
fn shade(r: Option<f64>) -> u8 {
    let middle = f64::from(SHADES / 2);
    r.map_or(UNDEFINED, |r| {
        ((r * middle).round() + middle).clamp(0.0, 2.0 * middle) as u8
    })
}

/// A diverging scale whose two ends are told apart by readers who see no red or no green.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 255"
)]
fn colour(shade: u8) -> [u8; 3] {
    const POSITIVE: [f64; 3] = [178.0, 24.0, 43.0];
    const NEGATIVE: [f64; 3] = [33.0, 102.0, 172.0];
    if shade >= UNDEFINED {
        return [0xdd; 3];
    }
    let middle = f64::from(SHADES / 2);
    let r = (f64::from(shade) - middle) / middle;
    let end = if r >= 0.0 { POSITIVE } else { NEGATIVE };
    end.map(|end| (248.0 + (end - 248.0) * r.abs()).round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(traits: usize) -> Heatmap {
        let pair = |index: usize| ((index / traits) as f64 - (index % traits) as f64) / traits as f64;
        Heatmap {
            names: (0..traits)
                .map(|number| format!("trait_{number} gypsy"))
                .collect(),
            values: (0..traits * traits)
                .map(|index| (index != 1).then(|| pair(index)))
                .collect(),
        }
    }

    #[test]
    fn pictures_are_alike_each_time() {
        let drawn = || (png(&example(5)).unwrap(), svg(&example(5)));
        assert_eq!(drawn(), drawn());
    }

    /// Issue 4: a correlation of 10 genes × 5 traits and its picture take less than half a second (`make bench` times it).
    /// Here the fastest of several counts: a busy machine slows some of them, not all.
    #[test]
    fn five_traits_are_drawn_in_no_time() {
        let seconds = (0..20).map(|_| {
            let begin = std::time::Instant::now();
            std::hint::black_box((png(&example(5)).unwrap(), svg(&example(5))));
            begin.elapsed().as_secs_f64()
        });
        let fastest = seconds.fold(f64::INFINITY, f64::min);
        assert!(fastest < 0.5, "{fastest} s");
    }

    #[test]
    fn both_pictures_show_the_same_colours() {
        let heatmap = example(7);
        let image = pixels::tests::decoded(&png(&heatmap).unwrap());
        let svg = svg(&heatmap);
        for index in 0..49 {
            let [red, green, blue] = image.cell(&heatmap, index / 7, index % 7);
            let fill = format!("fill=\"#{red:02x}{green:02x}{blue:02x}\"");
            let cell = svg.split("<rect ").nth(index + 2).unwrap();
            assert!(cell.contains(&fill), "{fill} in {cell}");
        }
    }

    #[test]
    fn the_scale_is_symmetric_in_strength_and_grey_without_a_figure() {
        let shown = |r| colour(shade(r));
        assert_eq!(shown(None), [0xdd; 3]);
        assert_eq!([shown(Some(0.0)), shown(Some(-0.004))], [[248; 3]; 2]);
        assert_eq!([shown(Some(1.0)), shown(Some(1.1))], [[178, 24, 43]; 2]);
        assert_eq!(shown(Some(-1.0)), [33, 102, 172]);
    }
}
