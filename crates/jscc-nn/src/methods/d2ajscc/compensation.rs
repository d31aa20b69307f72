//! The compensation network (equations 9 to 11), after TimesNet.
//!
//! *Source of the idea.* H. Wu et al., "TimesNet: temporal 2D-variation modeling for general time series analysis", ICLR 2023.
//!
//! The frame's distortion of a waveform repeats with the OFDM symbol (cyclic prefix, pilots) and with the JSCC symbol
//! (the pulse). So features of the waveform are laid out as pictures, one period per row, once for each period; one 2-D
//! network processes both; the two views are averaged.
//!
//! ```text
//! w 2×n ─ conv 5 + place in the OFDM symbol ─ maps×n ─┬─ an OFDM symbol per row ─ conv, conv ─┬─ mean ─ + ─ (twice) ─ conv 5 ─ + w
//!                                                   └─ a JSCC symbol per row ─ the same net ─┘
//! ```
//! With a kernel as wide as a JSCC symbol the second view is no more than a one-dimensional convolution.

use super::waveform::Frame;
use crate::layers::{Conv1d, Conv2d, PRelu};
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor};

/// The network.
#[derive(Module, Debug)]
pub struct Compensation {
    enter: Conv1d,
    /// Embedding of a sample's place within its OFDM symbol: `[1, maps, 1, samples]`.
    place: Param<Tensor<4>>,
    block1: Block,
    block2: Block,
    leave: Conv1d,
    /// Samples per JSCC symbol.
    #[module(skip)]
    per_symbol: usize,
}

/// The 2-D network that both views share.
#[derive(Module, Debug)]
struct Block {
    conv1: Conv2d,
    slope: PRelu,
    conv2: Conv2d,
}

impl Compensation {
    /// The network, its weights zero until drawn.
    pub fn new(maps: usize, kernel: usize, frame: Frame, device: &Device) -> Self {
        let block = || Block {
            conv1: Conv2d::new([maps; 2], kernel, 1, device),
            slope: PRelu::new(device),
            conv2: Conv2d::new([maps; 2], kernel, 1, device),
        };
        Self {
            enter: Conv1d::new([2, maps], 5, 1, device),
            place: Initializer::Zeros.init([1, maps, 1, frame.per_ofdm_symbol()], device),
            block1: block(),
            block2: block(),
            leave: Conv1d::new([maps, 2], 5, 1, device),
            per_symbol: frame.per_symbol(),
        }
    }

    /// Estimates the waveform sent from the one received.
    ///
    /// # Shapes
    /// - input and output: `[frames, 2, samples]`, whole OFDM symbols
    pub fn forward(&self, heard: Tensor<3>) -> Tensor<3> {
        let ([frames, _, samples], [_, maps, _, period]) = (heard.dims(), self.place.dims());
        let by_ofdm_symbol = [frames, maps, samples / period, period];
        let x = self.enter.forward(heard.clone()).reshape(by_ofdm_symbol) + self.place.val();
        let x = self.block2.forward(self.block1.forward(x, self.per_symbol), self.per_symbol);
        heard + self.leave.forward(x.reshape([frames, maps, samples]))
    }
}

impl Block {
    /// A residual step on features laid out with one OFDM symbol per row.
    fn forward(&self, x: Tensor<4>, per_symbol: usize) -> Tensor<4> {
        let by_ofdm_symbol @ [frames, maps, rows, period] = x.dims();
        let by_jscc_symbol = [frames, maps, rows * period / per_symbol, per_symbol];
        let other = self.look(x.clone().reshape(by_jscc_symbol)).reshape(by_ofdm_symbol);
        x.clone() + (self.look(x) + other) * 0.5
    }

    fn look(&self, x: Tensor<4>) -> Tensor<4> {
        self.conv2.forward(self.slope.forward(self.conv1.forward(x)))
    }
}
