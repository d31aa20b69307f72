//! Weights packed for a stencil in one direction, and the run over images.

use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;

use super::axis::Axis;
use super::canvas::Canvas;
use super::canvas::images_at_once;
use super::geometry::Side;
use super::panels::Panels;
use super::stencil::Placement;
use super::stencil::Stencil;
use super::stencil::Sweep;
use super::tile::ROWS;

impl Side {
    pub(super) fn len(&self) -> usize {
        self.size[0] * self.size[1] * self.maps
    }
}

/// Stencils that together compute every output once.
pub(super) struct Plan {
    arch: Arch,
    from: Side,
    to: Side,
    /// Where an image begins on its canvas, and the canvas' size.
    lead: [usize; 2],
    size: [usize; 2],
    phases: Vec<Phase>,
}

struct Phase {
    axes: [Axis; 2],
    panels: Panels,
}

impl Plan {
    /// The cheapest of several ways, each a choice of axes for rows and for columns.
    pub(super) fn new(
        arch: Arch,
        [from, to]: [Side; 2],
        ways: [&[Vec<Axis>]; 2],
        kernel: usize,
        weights: &[f32],
    ) -> Self {
        let lanes = super::lanes(arch);
        let cost = |way: &Vec<[Axis; 2]>| way.iter().map(|axes| cost(axes, from.maps, to.maps, lanes)).sum::<usize>();
        let axes = ways[0].iter().flat_map(|rows| ways[1].iter().map(|columns| pairs(rows, columns)));
        let axes = axes.min_by_key(cost).unwrap_or_default();
        let lead = [0, 1].map(|axis| axes.iter().map(|axes| -axes[axis].in_first).max().unwrap_or(0).max(0));
        let size = [0, 1].map(|axis| axes.iter().map(|axes| lead[axis] + axes[axis].end()).max().unwrap_or(0));
        let phases = axes.into_iter().map(|axes| {
            let panels = pack(&axes, from, to, kernel, weights, lanes);
            Phase { axes, panels }
        });
        let phases = phases.collect();
        Self { arch, from, to, lead: lead.map(|n| n as usize), size: size.map(|n| n.max(0) as usize), phases }
    }

    pub(super) fn run(&self, n: usize, input: &[f32], bias: Option<&[f32]>, out: &mut [f32]) {
        let (expected, len) = (n * self.from.len(), input.len());
        assert_eq!(len, expected, "{len} values for {n} images, not {expected}");
        let (expected, len) = (n * self.to.len(), out.len());
        assert_eq!(len, expected, "room for {len} values of {n} images, not {expected}");
        self.arch.dispatch(Run { plan: self, input, bias, out });
    }

    /// As [`Plan::run`], into new memory.
    pub(super) fn apply(&self, n: usize, input: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        let mut out = vec![0.0; n * self.to.len()];
        self.run(n, input, bias, &mut out);
        out
    }
}

fn pairs(rows: &[Axis], columns: &[Axis]) -> Vec<[Axis; 2]> {
    let pairs = rows.iter().flat_map(|row| columns.iter().map(|column| [*row, *column]));
    pairs.filter(|axes| axes[0].sites * axes[1].sites > 0).collect()
}

/// Multiply-adds of vectors, and what a site costs beside them.
fn cost(axes: &[Axis; 2], from_maps: usize, to_maps: usize, lanes: usize) -> usize {
    const SITE: usize = 16;
    const RUN: usize = 4;
    let [rows, columns] = axes;
    let vectors = (rows.block * columns.block * to_maps).div_ceil(lanes);
    rows.sites * columns.sites * (rows.taps * columns.taps * from_maps * vectors + SITE + RUN * rows.block)
}

/// A row for every tap and input map, a column for every output of a block and output map.
fn pack(axes: &[Axis; 2], from: Side, to: Side, kernel: usize, weights: &[f32], lanes: usize) -> Panels {
    let [rows, columns] = axes;
    let depth = rows.taps * columns.taps * from.maps;
    let mut panels = Panels::zeros(depth, rows.block * columns.block * to.maps, lanes);
    for (i, j) in (0..rows.block).flat_map(|i| (0..columns.block).map(move |j| (i, j))) {
        let mut taps = Vec::with_capacity(rows.taps * columns.taps);
        for (y, row) in (0..rows.taps).filter_map(|tap| Some((tap, rows.kernel_position(i, tap)?))) {
            for (x, column) in (0..columns.taps).filter_map(|tap| Some((tap, columns.kernel_position(j, tap)?))) {
                taps.push((y * columns.taps + x, row * kernel + column));
            }
        }
        let sources = (0..from.maps).flat_map(|map| {
            taps.iter().map(move |(tap, position)| (tap * from.maps + map, map * from.weight_step + position))
        });
        panels.set_rows((i * columns.block + j) * to.maps, to.maps, &sources, weights, to.weight_step);
    }
    panels
}

struct Run<'a> {
    plan: &'a Plan,
    input: &'a [f32],
    bias: Option<&'a [f32]>,
    out: &'a mut [f32],
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Plan { from, to, lead, size, phases, .. } = self.plan;
        let images = images_at_once(self.input.len() / from.len(), size[0] * size[1] * from.maps, ROWS);
        let mut canvas = Canvas::new(images, *size, *lead, from.size, from.maps, from.maps);
        let biases: Vec<_> = phases.iter().map(|phase| phase.bias(self.bias, to.maps, S::F32_LANES)).collect();
        let groups = self.input.chunks(images * from.len());
        for (input, out) in groups.zip(self.out.chunks_mut(images * to.len())) {
            canvas.fill(input);
            let images = input.len() / from.len();
            for (phase, bias) in phases.iter().zip(&biases) {
                let (stencil, placement) = phase.places(*lead, *to);
                let weights = &phase.panels;
                Sweep { canvas: &canvas, images, stencil, weights, bias, placement }.run(simd, out);
            }
        }
    }
}

impl Phase {
    /// One value for every column, filled up to whole vectors.
    fn bias(&self, bias: Option<&[f32]>, maps: usize, lanes: usize) -> Vec<f32> {
        let times = self.axes[0].block * self.axes[1].block;
        let mut values = match bias {
            Some(bias) => {
                assert_eq!(bias.len(), maps, "a bias of {} values for {maps} maps", bias.len());
                bias.repeat(times)
            }
            None => Vec::new(),
        };
        values.resize((maps * times).next_multiple_of(lanes), 0.0);
        values
    }

    fn places(&self, lead: [usize; 2], to: Side) -> (Stencil, Placement) {
        let axes = &self.axes;
        let stencil = Stencil {
            taps: [axes[0].taps, axes[1].taps],
            step: [axes[0].step, axes[1].step],
            origin: [0, 1].map(|axis| (lead[axis] as isize + axes[axis].in_first) as usize),
            sites: [axes[0].sites, axes[1].sites],
        };
        let placement = Placement {
            size: to.size,
            maps: to.maps,
            step: [axes[0].out_step, axes[1].out_step],
            first: [axes[0].out_first, axes[1].out_first],
            block: [axes[0].block, axes[1].block],
        };
        (stencil, placement)
    }
}
