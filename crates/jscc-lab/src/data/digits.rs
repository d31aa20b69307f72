//! Endless synthetic handwritten digits, as a substitute for MNIST where no data set is available.

// Tables are aligned by hand there.
#[rustfmt::skip]
mod templates;

use super::{Dataset, Images};
use jscc_phy::random;
use rand::{Rng, RngExt};
use std::ops::Range;
use templates::{TEMPLATES, Template};

/// Side of an image in pixels.
const SIDE: usize = 28;
/// Pixels of the longer side to which MNIST scales a digit.
const BOX: f32 = 20.0;
/// Straight segments between two points of a template.
const PIECES: usize = 6;
/// Standard deviation of the ink's relative change of radius from one segment to the next.
const ROUGHNESS: f32 = 0.06;

/// Digit `index` of the endless stream of `seed`: 28x28 grey pixels in [0, 1], row by row, and its label 0..=9.
///
/// Framed as MNIST is: at most 20 pixels in either direction, centre of mass in the middle.
pub fn digit(seed: u64, index: u64) -> (Vec<f32>, u8) {
    let mut rng = random::stream(seed, "digits", index);
    let label = rng.random_range(0..10u8);
    let variants = TEMPLATES[usize::from(label)];
    let template = variants[rng.random_range(0..variants.len() as u32) as usize];
    let hand = Hand::draw(&mut rng);
    let mut pieces = hand.write(template, &mut rng);
    hand.frame(&mut pieces);
    (hand.ink(&pieces), label)
}

/// The digits `range` of the stream of `seed`, as [1, 28, 28] images with labels.
pub fn dataset(seed: u64, range: Range<u64>) -> Dataset {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for index in range {
        let (image, label) = digit(seed, index);
        pixels.extend(image);
        labels.push(label);
    }
    Dataset { images: Images { shape: [1, SIDE, SIDE], pixels }, labels }
}

/// Nearly normal, mean 0, standard deviation 1, within ±3: no outlier distorts a digit beyond recognition, and no
/// library function rounds differently on another machine.
fn bell(rng: &mut impl Rng) -> f32 {
    (0..3).map(|_| rng.random_range(-1.0..1.0f32)).sum()
}

/// A position of the pen tip: x to the right, y down, and the radius of the ink.
#[derive(Clone, Copy)]
struct Tip {
    x: f32,
    y: f32,
    radius: f32,
}

/// Deviation of one digit from its template.
struct Hand {
    /// Width over the template's.
    width: f32,
    /// Shear to the right, as x per y.
    slant: f32,
    /// Tangent of half the rotation.
    turn: f32,
    /// Quadratic warps: bow of vertical strokes, bow of horizontal strokes, height moved between the halves.
    bow: [f32; 3],
    /// Standard deviation of a template point's displacement.
    wobble: f32,
    /// Mean radius of the ink in pixels.
    radius: f32,
    /// Relative change of the radius from a stroke's start to its end.
    pressure: f32,
    /// Longer side in pixels.
    size: f32,
    /// Pixels over which the ink's edge fades.
    edge: f32,
    /// Displacement from the exact centre in pixels.
    shift: [f32; 2],
}

impl Hand {
    fn draw(rng: &mut impl Rng) -> Self {
        Hand {
            width: 1.08 + 0.2 * bell(rng),
            slant: 0.12 + 0.27 * bell(rng),
            turn: 0.04 * bell(rng),
            bow: [0.07 * bell(rng), 0.05 * bell(rng), 0.2 * bell(rng)],
            wobble: 0.036,
            radius: (1.25 + 0.36 * bell(rng)).max(0.7),
            pressure: 0.15 * bell(rng),
            size: BOX - rng.random_range(0.0..1.0f32),
            edge: rng.random_range(0.9..1.4f32),
            shift: [0.3 * bell(rng), 0.3 * bell(rng)],
        }
    }

    /// The straight segments of ink, still in template units.
    fn write(&self, template: Template, rng: &mut impl Rng) -> Vec<[Tip; 2]> {
        let mut pieces = Vec::with_capacity(64);
        for stroke in template {
            let points = self.wobbled(stroke, rng);
            let path = smooth(&points);
            let last = (path.len() - 1) as f32;
            let tips = path.iter().enumerate().map(|(i, &point)| {
                let [x, y] = self.bent(point);
                let pressure = 1.0 + self.pressure * (i as f32 / last - 0.5) + ROUGHNESS * bell(rng);
                Tip { x, y, radius: self.radius * pressure }
            });
            let tips: Vec<Tip> = tips.collect();
            pieces.extend(tips.windows(2).map(|pair| [pair[0], pair[1]]));
        }
        pieces
    }

    /// The template's points, each displaced; the two of a corner stay together.
    fn wobbled(&self, stroke: &[[i8; 2]], rng: &mut impl Rng) -> Vec<[f32; 2]> {
        let mut points: Vec<[f32; 2]> = Vec::with_capacity(stroke.len());
        for (i, point) in stroke.iter().enumerate() {
            let corner = i > 0 && stroke[i - 1] == *point;
            points.push(if corner {
                points[i - 1]
            } else {
                point.map(|value| f32::from(value) / 100.0 + self.wobble * bell(rng))
            });
        }
        points
    }

    /// One point warped, widened, slanted and turned.
    fn bent(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (x, y) = (x - 0.33, y - 0.5);
        let bulge = 0.25 - y * y;
        let y = y + self.bow[2] * bulge + self.bow[1] * 4.0 * x * x;
        let x = self.width * (x + self.bow[0] * 4.0 * bulge) - self.slant * y;
        let scale = 1.0 / (1.0 + self.turn * self.turn);
        let (cos, sin) = ((1.0 - self.turn * self.turn) * scale, 2.0 * self.turn * scale);
        [cos * x - sin * y, sin * x + cos * y]
    }

    /// Scales the pieces to `size` pixels, ink included, and moves their centre of mass to the image's.
    fn frame(&self, pieces: &mut [[Tip; 2]]) {
        let span = |of: fn(&Tip) -> f32| {
            let places = pieces.iter().flatten().map(of);
            let (low, high) = places.fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)));
            high - low
        };
        let scale = (self.size - 2.0 * self.radius) / span(|tip| tip.x).max(span(|tip| tip.y));
        let (mut mass, mut centre) = (0.0, [0.0, 0.0]);
        for [a, b] in pieces.iter() {
            let ink = distance([a.x, a.y], [b.x, b.y]) * (a.radius + b.radius);
            mass += ink;
            centre[0] += ink * 0.5 * (a.x + b.x);
            centre[1] += ink * 0.5 * (a.y + b.y);
        }
        let middle = SIDE as f32 / 2.0;
        for tip in pieces.iter_mut().flatten() {
            tip.x = (tip.x - centre[0] / mass) * scale + middle + self.shift[0];
            tip.y = (tip.y - centre[1] / mass) * scale + middle + self.shift[1];
        }
    }

    /// Draws the pieces on an empty image.
    fn ink(&self, pieces: &[[Tip; 2]]) -> Vec<f32> {
        let mut image = vec![0.0f32; SIDE * SIDE];
        for [a, b] in pieces {
            let reach = a.radius.max(b.radius) + self.edge;
            for row in pixels(a.y.min(b.y) - reach, a.y.max(b.y) + reach) {
                for column in pixels(a.x.min(b.x) - reach, a.x.max(b.x) + reach) {
                    let centre = [column as f32 + 0.5, row as f32 + 0.5];
                    let pixel = &mut image[row * SIDE + column];
                    *pixel = pixel.max(self.coverage(a, b, centre));
                }
            }
        }
        image
    }

    /// Ink of the segment from `a` to `b` on the pixel around `point`, in [0, 1].
    fn coverage(&self, a: &Tip, b: &Tip, point: [f32; 2]) -> f32 {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let along = (point[0] - a.x) * dx + (point[1] - a.y) * dy;
        let t = (along / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        let away = distance(point, [a.x + t * dx, a.y + t * dy]);
        let radius = a.radius + t * (b.radius - a.radius);
        (0.5 + (radius - away) / self.edge).clamp(0.0, 1.0)
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt()
}

/// The pixel rows (or columns) that touch the interval, within the image.
fn pixels(low: f32, high: f32) -> Range<usize> {
    let side = SIDE as f32;
    low.floor().clamp(0.0, side) as usize..high.ceil().clamp(0.0, side) as usize
}

/// A Catmull-Rom spline through `points`, sampled; a repeated point is a corner.
fn smooth(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let at = |i: usize| points[i.min(points.len() - 1)];
    let mut path = vec![points[0]];
    for i in 0..points.len() - 1 {
        let (p0, p1, p2, p3) = (at(i.saturating_sub(1)), at(i), at(i + 1), at(i + 2));
        if distance(p1, p2) == 0.0 {
            continue;
        }
        path.extend((1..=PIECES).map(|step| {
            let t = step as f32 / PIECES as f32;
            [0, 1].map(|d| {
                let (leave, arrive) = (0.5 * (p2[d] - p0[d]), 0.5 * (p3[d] - p1[d]));
                let rise = p2[d] - p1[d];
                p1[d] + t * (leave + t * (3.0 * rise - 2.0 * leave - arrive + t * (leave + arrive - 2.0 * rise)))
            })
        }));
    }
    path
}

#[cfg(test)]
mod tests;
