//! `heatmap.png`. Letters are bitmaps of ISO 8859-1 (the X11 fonts of 1989): what they do not have is shown as `?`, and
//! the SVG beside it has every name whole.

use std::convert::Infallible;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::FONT_10X20;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{DrawTarget, Drawable as _, OriginDimensions, Pixel, Point, Size};
use embedded_graphics::text::{Alignment, Text, TextStyleBuilder};

use super::super::text::shortened;
use super::{Heatmap, LONGEST_NAME, UNDEFINED, colour, shade};

const LETTER: usize = 10;
const GAP: usize = 14;
/// Behind the shades in the palette.
const PAPER: u8 = UNDEFINED + 1;
const INK: u8 = UNDEFINED + 2;

fn palette() -> Vec<u8> {
    let shades = (0..=UNDEFINED).map(colour);
    shades.chain([[0xff; 3], [0x1c, 0x24, 0x30]]).flatten().collect()
}

/// Pixels of a cell's side: pictures stay below 4,000 × 4,000 or so for any panel.
fn side(traits: usize) -> usize {
    (3_000 / traits.max(1)).clamp(2, 36)
}

/// The picture.
pub(crate) fn png(heatmap: &Heatmap) -> Result<Vec<u8>, png::EncodingError> {
    let traits = heatmap.names.len();
    let cell = side(traits);
    let margin = margin(heatmap, cell);
    let width = margin + (traits * cell).max(22 * 14) + GAP;
    let mut canvas = Canvas::new(width, margin + traits * cell + 5 * GAP);
    for row in 0..traits {
        let at = margin + row * cell;
        // Names that would overlap are left out.
        if cell > LETTER + 2 {
            label(&mut canvas, &heatmap.names[row], margin - GAP / 2, at + cell / 2);
        }
        for column in 0..traits {
            let shade = shade(heatmap.value(row, column));
            canvas.fill(margin + column * cell, at, cell - 1, cell - 1, shade);
        }
    }
    legend(&mut canvas, margin, margin + traits * cell + GAP);
    canvas.encoded()
}

fn margin(heatmap: &Heatmap, cell: usize) -> usize {
    let letters = if cell > LETTER + 2 {
        heatmap.longest_name()
    } else {
        0
    };
    GAP + letters * LETTER
}

/// A name before its row, and, turned by a quarter, above its column.
fn label(canvas: &mut Canvas, name: &str, end: usize, middle: usize) {
    // These letters have no ellipsis.
    let shown = shortened(name, LONGEST_NAME, "..");
    canvas.write(&shown, (end, middle), Alignment::Right, false);
    canvas.write(&shown, (middle, end), Alignment::Left, true);
}

fn legend(canvas: &mut Canvas, x: usize, y: usize) {
    for step in 0..=20_i32 {
        let left = x + usize::try_from(step).unwrap_or(0) * GAP;
        canvas.fill(left, y, GAP, GAP, shade(Some(f64::from(step - 10) / 10.0)));
    }
    let text = "r from -1 to 1";
    canvas.write(text, (x, y + 2 * GAP + 2), Alignment::Left, false);
}

/// Rows of places in the palette.
struct Canvas {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            bytes: vec![PAPER; width * height],
        }
    }

    fn set(&mut self, x: usize, y: usize, place: u8) {
        self.fill(x, y, 1, 1, place);
    }

    /// What is beyond the edge is dropped.
    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, place: u8) {
        let right = (left + width).min(self.width);
        let rows = self.bytes.chunks_exact_mut(self.width).skip(top).take(height);
        rows.filter_map(|row| row.get_mut(left..right))
            .for_each(|pixels| pixels.fill(place));
    }

    /// Writes `text` with the middle of its line at `place`; turned, it runs upwards from there.
    fn write(&mut self, text: &str, place: (usize, usize), alignment: Alignment, is_turned: bool) {
        let style = TextStyleBuilder::new()
            .alignment(alignment)
            .baseline(embedded_graphics::text::Baseline::Middle);
        let letters = MonoTextStyle::new(&FONT_10X20, BinaryColor::On);
        let text = Text::with_text_style(text, Point::zero(), letters, style.build());
        let mut pen = Pen {
            canvas: self,
            place,
            is_turned,
        };
        // The canvas takes every pixel, and drops those beyond its edge.
        let Ok(_) = text.draw(&mut pen);
    }

    fn encoded(self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let size = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let mut encoder = png::Encoder::new(&mut bytes, size(self.width), size(self.height));
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette());
        encoder.set_depth(png::BitDepth::Eight);
        // Most rows are the one above again: a good filter to choose by oneself, since trying all takes most of the time.
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Up);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bytes)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// Puts the pixels of a text where it stands.
struct Pen<'a> {
    canvas: &'a mut Canvas,
    place: (usize, usize),
    is_turned: bool,
}

impl OriginDimensions for Pen<'_> {
    fn size(&self) -> Size {
        Size::new(u32::MAX, u32::MAX)
    }
}

impl DrawTarget for Pen<'_> {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, _) in pixels {
            let (right, down) = if self.is_turned {
                (point.y, -point.x)
            } else {
                (point.x, point.y)
            };
            let moved = |from: usize, by: i32| from.checked_add_signed(by as isize);
            if let (Some(x), Some(y)) = (moved(self.place.0, right), moved(self.place.1, down)) {
                self.canvas.set(x, y, INK);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Rows of red, green and blue.
    pub(in super::super) struct Image {
        width: usize,
        bytes: Vec<u8>,
    }

    impl Image {
        /// The colour in the middle of a cell.
        pub(in super::super) fn cell(&self, heatmap: &Heatmap, row: usize, column: usize) -> [u8; 3] {
            let cell = side(heatmap.names.len());
            let at = |index: usize| margin(heatmap, cell) + index * cell + cell / 2;
            let start = (at(row) * self.width + at(column)) * 3;
            self.bytes[start..start + 3].try_into().unwrap()
        }
    }

    /// What a program that reads PNG sees.
    pub(in super::super) fn decoded(bytes: &[u8]) -> Image {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        Image {
            width: usize::try_from(frame.width).unwrap(),
            bytes: pixels,
        }
    }

    #[test]
    fn the_largest_panel_and_none_at_all_have_a_picture() {
        for traits in [0, 1, 500] {
            let names = vec!["naïve × 漢字".to_owned(); traits];
            let values = vec![Some(0.5); traits * traits];
            let image = decoded(&png(&Heatmap { names, values }).unwrap());
            let height = image.bytes.len() / 3 / image.width;
            assert!(
                image.width < 4_100 && height < 4_100,
                "{} × {height}",
                image.width
            );
        }
    }
}
