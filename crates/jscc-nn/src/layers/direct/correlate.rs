//! Weight gradients.

use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;

use super::canvas::Canvas;
use super::canvas::images_at_once;
use super::geometry::Geometry;
use super::panels::Panel;
use super::panels::Panels;
use super::tile::Outer;
use super::tile::ROWS;
use super::tile::Strips;
use super::tile::rows_at_once;

/// The weight gradient of a convolution and of a transposed convolution, in the layout of their weights.
///
/// `big` and `small` are `[n][height][width][maps]`: input and output gradient, or the other way around. Every few
/// images' part is one chain of fused multiply-adds, and the parts add up in the order of the images: with finite inputs
/// the result does not depend on how wide the machine's vectors are.
pub fn correlate(geometry: &Geometry, n: usize, big: &[f32], small: &[f32]) -> Vec<f32> {
    correlate_on(Arch::new(), geometry, n, big, small)
}

pub(super) fn correlate_on(arch: Arch, geometry: &Geometry, n: usize, big: &[f32], small: &[f32]) -> Vec<f32> {
    geometry.check();
    let (expected, len) = (n * geometry.big_len(), big.len());
    assert_eq!(len, expected, "{len} values on the big side, not {expected}");
    let (expected, len) = (n * geometry.small_len(), small.len());
    assert_eq!(len, expected, "{len} values on the small side, not {expected}");
    arch.dispatch(Correlate { geometry, n, big, small })
}

/// Images between visits to the sums: more cost less, until they crowd the cache.
const TOGETHER: usize = 8;

struct Correlate<'a> {
    geometry: &'a Geometry,
    n: usize,
    big: &'a [f32],
    small: &'a [f32],
}

impl WithSimd for Correlate<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let geometry = self.geometry;
        let (size, maps) = (geometry.touched(), geometry.big_maps);
        let pitch = geometry.small_maps.next_multiple_of(S::F32_LANES);
        let images = images_at_once(self.n, size[0] * size[1] * maps, 1).min(TOGETHER);
        let mut big = Canvas::new(images, size, geometry.padding, geometry.big, maps, maps);
        let mut small = Canvas::new(images, geometry.small, [0, 0], geometry.small, geometry.small_maps, pitch);
        let mut sums = Panels::zeros(geometry.taps() * maps, geometry.small_maps, S::F32_LANES);
        let groups = self.big.chunks(images * geometry.big_len());
        for (bigs, smalls) in groups.zip(self.small.chunks(images * geometry.small_len())) {
            big.fill(bigs);
            small.fill(smalls);
            let images = bigs.len() / geometry.big_len();
            Group { geometry, images, big: &big, small: &small }.add(simd, &mut sums);
        }
        sums.transposed()
    }
}

struct Group<'a> {
    geometry: &'a Geometry,
    images: usize,
    big: &'a Canvas,
    small: &'a Canvas,
}

impl Group<'_> {
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, sums: &mut Panels) {
        let (maps, columns) = (self.geometry.big_maps, self.geometry.kernel[1]);
        let most = rows_at_once(S::F32_LANES);
        // Tiles within one kernel column skip the border; where maps are few, tiles across columns are fuller.
        let run = if maps >= most { maps } else { maps * columns };
        let tiles = run.div_ceil(most);
        for panel in sums.panels() {
            for row in 0..self.geometry.kernel[0] {
                for start in (0..maps * columns).step_by(run) {
                    for tile in 0..tiles {
                        let (first, end) = (start + run * tile / tiles, start + run * (tile + 1) / tiles);
                        self.tile(simd, panel, row, (first, end), sums);
                    }
                }
            }
        }
    }

    /// Values `first..end` of a kernel row.
    #[inline(always)]
    fn tile<S: Simd>(&self, simd: S, panel: Panel, row: usize, (first, end): (usize, usize), sums: &mut Panels) {
        let Geometry { big_maps: maps, kernel, stride, small: sites, .. } = *self.geometry;
        let ys = self.positions(0, (row, row), sites[0]);
        let xs = self.positions(1, (first / maps, (end - 1) / maps), sites[1]);
        if ys.0 >= ys.1 || xs.0 >= xs.1 {
            return;
        }
        let strips = Strips {
            count: ys.1 - ys.0,
            len: xs.1 - xs.0,
            a_start: (ys.0 * stride[0] + row) * self.big.row_pitch() + xs.0 * stride[1] * maps + first,
            a_pitch: stride[0] * self.big.row_pitch(),
            b_start: ys.0 * self.small.row_pitch() + xs.0 * self.small.pitch + panel.column,
            b_pitch: self.small.row_pitch(),
        };
        let mut rows = [0; ROWS];
        for (at, to) in (first..end).zip(&mut rows) {
            *to = (at % maps * kernel[0] + row) * kernel[1] + at / maps;
        }
        let (a, b) = (self.big.values(), self.small.values());
        let (a_step, b_step, vectors) = (stride[1] * maps, self.small.pitch, panel.vectors);
        let (count, sums) = (end - first, sums.values_mut(panel));
        let (images, image_pitches) = (self.images, [self.big.image_pitch(), self.small.image_pitch()]);
        Outer { a, a_step, strips, b, b_step, images, image_pitches, vectors, rows, count, sums }.run(simd);
    }

    /// The small positions for which some of the taps `first..=last` lie in the image.
    fn positions(&self, axis: usize, (first, last): (usize, usize), sites: usize) -> (usize, usize) {
        let (stride, padding) = (self.geometry.stride[axis], self.geometry.padding[axis]);
        let begin = padding.saturating_sub(last).div_ceil(stride);
        let end = (padding + self.geometry.big[axis]).saturating_sub(first).div_ceil(stride);
        (begin, end.min(sites))
    }
}
