//! Shapes of one layer, the same for a convolution and its transpose.

/// A convolution leads from the big side to the small one, a transposed convolution back.
///
/// Images are `[n][height][width][maps]`, weights `[small_maps][big_maps][kernel height][kernel width]`: PyTorch's layout
/// of `Conv2d` weights, whose output is the small side, and of `ConvTranspose2d` weights, whose input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Feature maps of the big side.
    pub big_maps: usize,
    /// Feature maps of the small side.
    pub small_maps: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Big positions between the kernels of neighbouring small positions.
    pub stride: [usize; 2],
    /// Zeros around the big side.
    pub padding: [usize; 2],
    /// Height and width of the big side.
    pub big: [usize; 2],
    /// Height and width of the small side.
    pub small: [usize; 2],
}

/// One side of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub(super) size: [usize; 2],
    pub(super) maps: usize,
    /// Weights from one map of this side to the next.
    pub(super) weight_step: usize,
}

impl Geometry {
    /// The geometry of a convolution of images of `big` positions, or of a transposed convolution to them.
    pub fn new(maps: [usize; 2], kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], big: [usize; 2]) -> Self {
        let small = [0, 1].map(|axis| extent(axis, kernel, stride, padding, big));
        Self { big_maps: maps[0], small_maps: maps[1], kernel, stride, padding, big, small }
    }

    pub(super) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Values of one image on the big side.
    pub fn big_len(&self) -> usize {
        self.big[0] * self.big[1] * self.big_maps
    }

    /// Values of one image on the small side.
    pub fn small_len(&self) -> usize {
        self.small[0] * self.small[1] * self.small_maps
    }

    /// Multiply-accumulates per image, those with the zeros around it included.
    pub fn macs(&self) -> usize {
        self.small[0] * self.small[1] * self.weights_len()
    }

    /// Values of the weights.
    pub fn weights_len(&self) -> usize {
        self.small_maps * self.big_maps * self.taps()
    }

    /// Zero-bordered height and width of the big side: what the kernels touch.
    pub(super) fn touched(&self) -> [usize; 2] {
        [0, 1].map(|axis| (self.small[axis] - 1) * self.stride[axis] + self.kernel[axis])
    }

    pub(super) fn big_side(&self) -> Side {
        Side { size: self.big, maps: self.big_maps, weight_step: self.taps() }
    }

    pub(super) fn small_side(&self) -> Side {
        Side { size: self.small, maps: self.small_maps, weight_step: self.taps() * self.big_maps }
    }

    pub(super) fn check(&self) {
        for axis in [0, 1] {
            let fits = extent(axis, self.kernel, self.stride, self.padding, self.big);
            assert_eq!(self.small[axis], fits, "small extent {} of axis {axis}, not {fits}", self.small[axis]);
        }
        assert!(self.big[0] > 0 && self.big[1] > 0, "images of {} by {} positions", self.big[0], self.big[1]);
        assert!(self.big_maps > 0 && self.small_maps > 0, "{} and {} maps", self.big_maps, self.small_maps);
    }

    pub(super) fn check_weights(&self, weights: &[f32]) {
        self.check();
        let (expected, len) = (self.weights_len(), weights.len());
        assert_eq!(len, expected, "{len} weights, not {expected}");
    }
}

fn extent(axis: usize, kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], big: [usize; 2]) -> usize {
    let (kernel, stride, bordered) = (kernel[axis], stride[axis], big[axis] + 2 * padding[axis]);
    assert!(kernel > 0 && stride > 0, "kernel {kernel}, stride {stride}");
    assert!(bordered >= kernel, "kernel {kernel} is larger than the bordered image, {bordered}");
    (bordered - kernel) / stride + 1
}
