//! The network: three scales, a quarter, an eighth and a sixteenth of the sides, with residual pairs of 3×3.
//!
//! ```text
//! picture, detail, doubt ─ conv ─ pair ───────────────────────────(+)─ pair ─ conv ─ correction       1/4
//!                                  └ ↓2 ─ pair ─────────────(+)─ pair ─ ↑2 ┘                          1/8
//!                                          └ ↓2 ─(+)─ pairs ─ ↑2 ┘                                    1/16
//!                       variance of each coefficient ─ 1×1 ┘
//! ```
//!
//! *Source.* O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015; its skips are added here. No normalisation: noise levels are
//! what it has to tell apart.

use crate::layers::{Conv2d, ConvTranspose2d, PRelu};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Maps of a picture's colours at a quarter of its sides.
pub(super) const PIXELS: usize = 3 * 16;
/// Maps that enter: the picture, how it differs from its means nearby, what the detail added to it, and how doubtful it is.
pub(super) const ENTER: usize = 3 * PIXELS + 1;
/// Numbers of a block of 16×16 in three colours.
pub(super) const BLOCK: usize = 3 * 256;

/// Sizes of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Maps at a quarter, an eighth and a sixteenth of the sides.
    pub maps: [usize; 3],
    /// Residual pairs at a sixteenth.
    pub pairs: usize,
}

impl Config {
    /// Blocks of 16×16 pixels that a correction sees in each direction.
    pub(super) fn reach(&self) -> usize {
        // Convolutions of 3×3 at each scale, times the pixels of a place; halving adds less than a block.
        let pixels = 6 * 4 + 4 * 8 + 2 * self.pairs * 16;
        pixels.div_ceil(16) + 1
    }
}

/// Two convolutions whose output is added to their input.
#[derive(Module, Debug)]
struct Pair {
    first: Conv2d,
    slope: PRelu,
    second: Conv2d,
}

impl Pair {
    fn new(maps: usize, device: &Device) -> Self {
        let conv = || Conv2d::new([maps, maps], 3, 1, device);
        Self { first: conv(), slope: PRelu::of_maps(maps, device), second: conv() }
    }

    fn silent(self) -> Self {
        Self { second: silent(self.second), ..self }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.second.forward(self.slope.forward(self.first.forward(x.clone())));
        x + y
    }
}

/// A convolution with weights of zero.
fn silent(conv: Conv2d) -> Conv2d {
    Conv2d { weight: conv.weight.map(|weight| weight.zeros_like().detach().set_require_grad(true)), ..conv }
}

/// The network.
#[derive(Module, Debug)]
pub(super) struct Unet {
    enter: Conv2d,
    slope: PRelu,
    fine: Pair,
    to_middle: Conv2d,
    middle: Pair,
    to_deep: Conv2d,
    variances: Conv2d,
    deep: Vec<Pair>,
    from_deep: ConvTranspose2d,
    middle_again: Pair,
    from_middle: ConvTranspose2d,
    fine_again: Pair,
    leave: Conv2d,
}

/// Half the sides, without overlap.
fn halve(maps: [usize; 2], device: &Device) -> Conv2d {
    Conv2d { padding: [0; 2], ..Conv2d::new(maps, 2, 2, device) }
}

impl Unet {
    /// Weights are zero until drawn.
    pub fn new(config: &Config, device: &Device) -> Self {
        let [fine, middle, deep] = config.maps;
        Self {
            enter: Conv2d::new([ENTER, fine], 3, 1, device),
            slope: PRelu::of_maps(fine, device),
            fine: Pair::new(fine, device),
            to_middle: halve([fine, middle], device),
            middle: Pair::new(middle, device),
            to_deep: halve([middle, deep], device),
            variances: Conv2d::new([BLOCK, deep], 1, 1, device),
            deep: (0..config.pairs).map(|_| Pair::new(deep, device)).collect(),
            from_deep: ConvTranspose2d::new([deep, middle], 2, 2, device),
            middle_again: Pair::new(middle, device),
            from_middle: ConvTranspose2d::new([middle, fine], 2, 2, device),
            fine_again: Pair::new(fine, device),
            leave: Conv2d::new([fine, PIXELS], 3, 1, device),
        }
    }

    /// The network with pairs that add nothing, and corrections of zero.
    pub fn silent(self) -> Self {
        Self {
            fine: self.fine.silent(),
            middle: self.middle.silent(),
            deep: self.deep.into_iter().map(Pair::silent).collect(),
            middle_again: self.middle_again.silent(),
            fine_again: self.fine_again.silent(),
            leave: silent(self.leave),
            ..self
        }
    }

    /// Corrections in units of the doubt.
    ///
    /// # Shapes
    /// - `x`: `[batch, ENTER, height / 4, width / 4]`
    /// - `variances`: `[batch, BLOCK, height / 16, width / 16]`
    /// - output: `[batch, PIXELS, height / 4, width / 4]`
    pub fn forward(&self, x: Tensor<4>, variances: Tensor<4>) -> Tensor<4> {
        let fine = self.fine.forward(self.slope.forward(self.enter.forward(x)));
        let middle = self.middle.forward(self.to_middle.forward(fine.clone()));
        let mut deep = self.to_deep.forward(middle.clone()) + self.variances.forward(variances);
        for pair in &self.deep {
            deep = pair.forward(deep);
        }
        let middle = self.middle_again.forward(middle + self.from_deep.forward(deep));
        let fine = self.fine_again.forward(fine + self.from_middle.forward(middle));
        self.leave.forward(fine)
    }
}
