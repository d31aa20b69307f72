//! One stencil applied at many sites of zero-bordered images: what a convolution and its adjoint have in common.

use pulp::Simd;

use super::canvas::Aligned;
use super::canvas::Canvas;
use super::panels::Panel;
use super::panels::Panels;
use super::panels::WIDEST;
use super::tile::ROWS;
use super::tile::Sites;
use super::tile::Strips;
use super::tile::rows_at_once;

/// Sites `step` apart on a canvas, each reading `taps` positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stencil {
    pub(super) taps: [usize; 2],
    pub(super) step: [usize; 2],
    /// Canvas position of the first site's first tap.
    pub(super) origin: [usize; 2],
    /// Rows and columns of sites.
    pub(super) sites: [usize; 2],
}

/// Where the sites' outputs belong: each writes `block` neighbouring positions of all maps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    /// Height and width of the output.
    pub(super) size: [usize; 2],
    pub(super) maps: usize,
    /// Output positions from one site to the next.
    pub(super) step: [usize; 2],
    /// Output position of the first site; parts outside of the output are dropped.
    pub(super) first: [isize; 2],
    pub(super) block: [usize; 2],
}

#[derive(Clone, Copy, Default)]
struct Site {
    image: usize,
    row: usize,
    column: usize,
}

/// Applies `stencil` to the first `images` of a canvas, `weights` having a row per tap and map.
pub(super) struct Sweep<'a> {
    pub(super) canvas: &'a Canvas,
    pub(super) images: usize,
    pub(super) stencil: Stencil,
    pub(super) weights: &'a Panels,
    pub(super) bias: &'a [f32],
    pub(super) placement: Placement,
}

impl Sweep<'_> {
    #[inline(always)]
    pub(super) fn run<S: Simd>(&self, simd: S, out: &mut [f32]) {
        let total = self.images * self.stencil.sites[0] * self.stencil.sites[1];
        let tiles = total.div_ceil(rows_at_once(S::F32_LANES));
        let mut sums = Aligned::zeros((ROWS * WIDEST + 1) * S::F32_LANES);
        for panel in self.weights.panels() {
            let mut next = Site::default();
            for tile in 0..tiles {
                let count = total * (tile + 1) / tiles - total * tile / tiles;
                let mut sites = [next; ROWS];
                for site in &mut sites[..count] {
                    *site = next;
                    self.advance(&mut next);
                }
                self.tile(simd, panel, &sites[..count], sums.as_mut_slice());
                let pitch = self.weights.pitch(panel);
                for (i, site) in sites[..count].iter().enumerate() {
                    self.placement.write(simd, *site, panel, &sums.as_slice()[i * pitch..], out);
                }
            }
        }
    }

    /// Images change fastest: a tile of one site in several images has the same taps outside, and skips them.
    fn advance(&self, site: &mut Site) {
        site.image += 1;
        if site.image == self.images {
            site.image = 0;
            site.column += 1;
            if site.column == self.stencil.sites[1] {
                site.column = 0;
                site.row += 1;
            }
        }
    }

    #[inline(always)]
    fn tile<S: Simd>(&self, simd: S, panel: Panel, sites: &[Site], sums: &mut [f32]) {
        let (canvas, Stencil { taps, step, origin, .. }) = (self.canvas, self.stencil);
        let (row_pitch, image_pitch) = (canvas.row_pitch(), canvas.image_pitch());
        let mut starts = [0; ROWS];
        let (mut rows, mut columns) = ((taps[0], 0), (taps[1], 0));
        for (start, site) in starts.iter_mut().zip(sites) {
            let (row, column) = (site.row * step[0] + origin[0], site.column * step[1] + origin[1]);
            *start = site.image * image_pitch + row * row_pitch + column * canvas.pitch;
            rows = hull(rows, canvas.inside(0, row, taps[0]));
            columns = hull(columns, canvas.inside(1, column, taps[1]));
        }
        let pitch = canvas.pitch;
        let empty = rows.0 >= rows.1 || columns.0 >= columns.1;
        let strips = Strips {
            count: if empty { 0 } else { rows.1 - rows.0 },
            len: columns.1.saturating_sub(columns.0) * pitch,
            a_start: rows.0 * row_pitch + columns.0 * pitch,
            a_pitch: row_pitch,
            b_start: (rows.0 * taps[1] + columns.0) * pitch,
            b_pitch: taps[1] * pitch,
        };
        let bias = &self.bias[panel.column..][..self.weights.pitch(panel)];
        let (a, b) = (canvas.values(), self.weights.values(panel));
        Sites { a, starts, count: sites.len(), strips, b, vectors: panel.vectors, bias, sums }.run(simd);
    }
}

fn hull(a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    (a.0.min(b.0), a.1.max(b.1))
}

impl Placement {
    #[inline(always)]
    fn write<S: Simd>(&self, simd: S, site: Site, panel: Panel, sums: &[f32], out: &mut [f32]) {
        let row = self.first[0] + (site.row * self.step[0]) as isize;
        let column = self.first[1] + (site.column * self.step[1]) as isize;
        let image = site.image * self.size[0];
        if self.block == [1, 1] {
            let start = ((image + row as usize) * self.size[1] + column as usize) * self.maps + panel.column;
            store(simd, sums, &mut out[start..][..panel.columns]);
            return;
        }
        let (left, right) = clip(column, self.block[1], self.size[1]);
        let (above, below) = clip(row, self.block[0], self.size[0]);
        for i in above..below {
            let run = (i * self.block[1] + left) * self.maps;
            let (begin, end) =
                (run.max(panel.column), (run + (right - left) * self.maps).min(panel.column + panel.columns));
            if begin < end {
                let position = (image + (row + i as isize) as usize) * self.size[1] + (column + left as isize) as usize;
                let out = &mut out[position * self.maps + begin - run..][..end - begin];
                store(simd, &sums[begin - panel.column..], out);
            }
        }
    }
}

/// Which of `len` positions from `start` on lie in `0..size`.
fn clip(start: isize, len: usize, size: usize) -> (usize, usize) {
    let below = (-start).max(0) as usize;
    (below, len.min((size as isize - start).max(0) as usize).max(below))
}

/// Copies the beginning of `sums`, which must be readable for a vector past the end of `out`.
#[inline(always)]
fn store<S: Simd>(simd: S, sums: &[f32], out: &mut [f32]) {
    let (sums, (head, tail)) = (S::as_simd_f32s(sums).0, S::as_mut_simd_f32s(out));
    let whole = head.len();
    // Not `copy_from_slice`: a call costs more than the one or two vectors.
    for (out, sum) in head.iter_mut().zip(sums) {
        *out = *sum;
    }
    if !tail.is_empty() {
        simd.partial_store_f32s(tail, sums[whole]);
    }
}
