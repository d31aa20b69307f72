//! DeepJSCC: a convolutional autoencoder with the channel between its halves.
//!
//! *Source.* E. Bourtsoulatze, D. Burth Kurka, D. Gündüz, "Deep joint source-channel coding for wireless image
//! transmission", IEEE Trans. Cogn. Commun. Netw. 5 (3), 2019.
//!
//! *Idea.* The encoder maps pixels straight to channel symbols of fixed mean power; the decoder maps noisy symbols to
//! pixels; both are trained through the channel on the mean square error. There is no quantiser and no code, so the
//! picture degrades with the channel instead of breaking.
//!
//! ```text
//! x 1×28×28 ─ conv 5, ↓2 ─ 16×14×14 ─ conv 5, ↓2 ─ 32×7×7 ─ conv 3 ─ linear ─ z k×2, power 1
//! x̂ 1×28×28 ─ sigmoid ─ deconv 4, ↑2 ─ 16×14×14 ─ deconv 4, ↑2 ─ 32×7×7 ─ conv 3 ─ linear ─ ẑ k×2
//! ```
//! PReLU after every layer but the last of each half.
//!
//! *Channel information.* None, on either side.
//!
//! *Departures from the paper.* Made for 1×28×28: two steps down instead of two of 3×32×32, and a linear layer between
//! feature maps and symbols so that k is free.

use super::Method;
use crate::layers::{Conv2d, ConvTranspose2d, PRelu};
use crate::symbols::normalize_power;
use crate::train::Halves;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

/// Feature maps at 14×14 and at 7×7.
const MAPS: [usize; 2] = [16, 32];
/// Rows and columns of the innermost maps.
const INNER: usize = crate::SIDE / 4;
/// Values of the innermost maps.
const N_INNER: usize = MAPS[1] * INNER * INNER;

/// The network.
#[derive(Module, Debug)]
pub struct DeepJscc {
    encoder: Encoder,
    decoder: Decoder,
}

/// Pictures to symbols.
#[derive(Module, Debug)]
pub(super) struct Encoder {
    down1: Conv2d,
    slope1: PRelu,
    down2: Conv2d,
    slope2: PRelu,
    body: Conv2d,
    slope3: PRelu,
    to_symbols: Linear,
}

/// Symbols to pictures.
#[derive(Module, Debug)]
pub(super) struct Decoder {
    from_symbols: Linear,
    slope1: PRelu,
    body: Conv2d,
    slope2: PRelu,
    up1: ConvTranspose2d,
    slope3: PRelu,
    up2: ConvTranspose2d,
}

impl Encoder {
    /// An encoder to k complex symbols, its weights zero until drawn.
    pub fn new(k: usize, device: &Device) -> Self {
        Self {
            down1: Conv2d::new([1, MAPS[0]], 5, 2, device),
            slope1: PRelu::new(device),
            down2: Conv2d::new(MAPS, 5, 2, device),
            slope2: PRelu::new(device),
            body: Conv2d::new([MAPS[1]; 2], 3, 1, device),
            slope3: PRelu::new(device),
            to_symbols: LinearConfig::new(N_INNER, 2 * k).init(device),
        }
    }

    /// Pictures to symbols of mean power 1 an image.
    ///
    /// # Shapes
    /// - input: `[batch, 1, 28, 28]` in [0, 1]
    /// - output: `[batch, k, 2]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<3> {
        let x = self.slope1.forward(self.down1.forward(x));
        let x = self.slope2.forward(self.down2.forward(x));
        let x = self.slope3.forward(self.body.forward(x));
        let z = self.to_symbols.forward(x.flatten::<2>(1, 3));
        let [batch, reals] = z.dims();
        normalize_power(z.reshape([batch, reals / 2, 2]))
    }
}

impl Decoder {
    /// A decoder of k complex symbols, its weights zero until drawn.
    pub fn new(k: usize, device: &Device) -> Self {
        Self {
            from_symbols: LinearConfig::new(2 * k, N_INNER).init(device),
            slope1: PRelu::new(device),
            body: Conv2d::new([MAPS[1]; 2], 3, 1, device),
            slope2: PRelu::new(device),
            up1: ConvTranspose2d::new([MAPS[1], MAPS[0]], 4, 2, device),
            slope3: PRelu::new(device),
            up2: ConvTranspose2d::new([MAPS[0], 1], 4, 2, device),
        }
    }

    /// Complex symbols an image.
    pub fn k(&self) -> usize {
        self.from_symbols.weight.dims()[0] / 2
    }

    /// Received symbols to pictures.
    ///
    /// # Shapes
    /// - input: `[batch, k, 2]`
    /// - output: `[batch, 1, 28, 28]` in [0, 1]
    pub fn forward(&self, z_hat: Tensor<3>) -> Tensor<4> {
        let [batch, ..] = z_hat.dims();
        let y = self.from_symbols.forward(z_hat.flatten::<2>(1, 2)).reshape([batch, MAPS[1], INNER, INNER]);
        let y = self.slope2.forward(self.body.forward(self.slope1.forward(y)));
        let y = self.slope3.forward(self.up1.forward(y));
        sigmoid(self.up2.forward(y))
    }
}

impl Halves for DeepJscc {
    fn encode(&self, x: Tensor<4>) -> Tensor<3> {
        self.encoder.forward(x)
    }

    fn decode(&self, heard: Tensor<3>) -> Tensor<4> {
        self.decoder.forward(heard)
    }
}

impl Method for DeepJscc {
    const NAME: &'static str = "deepjscc";
    const TITLE: &'static str = "DeepJSCC";
    const PARTS: &'static [&'static str] = &["encoder", "decoder"];

    fn new(k: usize, seed: u64, device: &Device) -> Self {
        crate::init::draw(Self { encoder: Encoder::new(k, device), decoder: Decoder::new(k, device) }, seed)
    }
}
