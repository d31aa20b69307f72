//! One axis of a stencil: which outputs a site computes, and from which inputs.

use super::geometry::Geometry;

/// Sites along one axis. Site `i` computes the outputs `out_first + i · out_step ..+ block` from the inputs
/// `in_first + i · step ..+ taps`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) sites: usize,
    pub(super) block: usize,
    pub(super) out_first: isize,
    pub(super) out_step: usize,
    pub(super) taps: usize,
    pub(super) in_first: isize,
    pub(super) step: usize,
    kernel: usize,
    /// Kernel position between the block's first output and the first tap, and how it moves with either.
    origin: isize,
    by_output: isize,
    by_tap: isize,
}

impl Axis {
    /// From the big side to `block` small positions a site.
    pub(super) fn gather(geometry: &Geometry, axis: usize, block: usize) -> Self {
        let (kernel, stride) = (geometry.kernel[axis], geometry.stride[axis]);
        Self {
            sites: geometry.small[axis].div_ceil(block),
            block,
            out_first: 0,
            out_step: block,
            taps: kernel + stride * (block - 1),
            in_first: -(geometry.padding[axis] as isize),
            step: stride * block,
            kernel,
            origin: 0,
            by_output: -(stride as isize),
            by_tap: 1,
        }
    }

    /// From the small side to big positions `stride · q + residue - padding`, one a site.
    pub(super) fn residue(geometry: &Geometry, axis: usize, residue: usize) -> Self {
        Self::scatter(geometry, axis, residue, 1, geometry.stride[axis])
    }

    /// From the small side to `times` · stride neighbouring big positions a site.
    pub(super) fn together(geometry: &Geometry, axis: usize, times: usize) -> Self {
        let block = times * geometry.stride[axis];
        Self::scatter(geometry, axis, 0, block, block)
    }

    fn scatter(geometry: &Geometry, axis: usize, residue: usize, block: usize, out_step: usize) -> Self {
        let (kernel, stride, padding) = (geometry.kernel[axis], geometry.stride[axis], geometry.padding[axis]);
        let step = out_step / stride;
        let reach = kernel.saturating_sub(residue).div_ceil(stride);
        let first = padding.saturating_sub(residue + block - 1).div_ceil(out_step);
        let end = (geometry.big[axis] + padding).saturating_sub(residue).div_ceil(out_step);
        let back = reach as isize - 1;
        Self {
            sites: end.saturating_sub(first),
            block,
            out_first: (first * out_step + residue) as isize - padding as isize,
            out_step,
            taps: if reach == 0 { 0 } else { reach + step - 1 },
            in_first: (first * step) as isize - back,
            step,
            kernel,
            origin: residue as isize + stride as isize * back,
            by_output: 1,
            by_tap: -(stride as isize),
        }
    }

    /// The kernel position between an output of the block and a tap.
    pub(super) fn kernel_position(&self, output: usize, tap: usize) -> Option<usize> {
        let position = self.origin + self.by_output * output as isize + self.by_tap * tap as isize;
        usize::try_from(position).ok().filter(|position| *position < self.kernel)
    }

    /// Inputs from the first that the first site reads to the end of the last's.
    pub(super) fn end(&self) -> isize {
        self.in_first + ((self.sites.max(1) - 1) * self.step + self.taps) as isize
    }
}
