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

/// The parts that can be frozen: the network's fields.
pub const PARTS: [&str; 2] = ["encoder", "decoder"];

/// The network.
#[derive(Module, Debug)]
pub struct DeepJscc {
    encoder: Encoder,
    decoder: Decoder,
}

#[derive(Module, Debug)]
struct Encoder {
    down1: Conv2d,
    slope1: PRelu,
    down2: Conv2d,
    slope2: PRelu,
    body: Conv2d,
    slope3: PRelu,
    to_symbols: Linear,
}

#[derive(Module, Debug)]
struct Decoder {
    from_symbols: Linear,
    slope1: PRelu,
    body: Conv2d,
    slope2: PRelu,
    up1: ConvTranspose2d,
    slope3: PRelu,
    up2: ConvTranspose2d,
}

impl DeepJscc {
    /// A network for k complex symbols an image, its weights drawn from `seed`.
    pub fn new(k: usize, seed: u64, device: &Device) -> Self {
        let inner = MAPS[1] * INNER * INNER;
        let encoder = Encoder {
            down1: Conv2d::new([1, MAPS[0]], 5, 2, device),
            slope1: PRelu::new(device),
            down2: Conv2d::new(MAPS, 5, 2, device),
            slope2: PRelu::new(device),
            body: Conv2d::new([MAPS[1]; 2], 3, 1, device),
            slope3: PRelu::new(device),
            to_symbols: LinearConfig::new(inner, 2 * k).init(device),
        };
        let decoder = Decoder {
            from_symbols: LinearConfig::new(2 * k, inner).init(device),
            slope1: PRelu::new(device),
            body: Conv2d::new([MAPS[1]; 2], 3, 1, device),
            slope2: PRelu::new(device),
            up1: ConvTranspose2d::new([MAPS[1], MAPS[0]], 4, 2, device),
            slope3: PRelu::new(device),
            up2: ConvTranspose2d::new([MAPS[0], 1], 4, 2, device),
        };
        crate::init::draw(Self { encoder, decoder }, seed)
    }
}

impl Halves for DeepJscc {
    /// Pictures to symbols of mean power 1 an image.
    ///
    /// # Shapes
    /// - input: `[batch, 1, 28, 28]` in [0, 1]
    /// - output: `[batch, k, 2]`
    fn encode(&self, x: Tensor<4>) -> Tensor<3> {
        let e = &self.encoder;
        let x = e.slope1.forward(e.down1.forward(x));
        let x = e.slope2.forward(e.down2.forward(x));
        let x = e.slope3.forward(e.body.forward(x));
        let z = e.to_symbols.forward(x.flatten::<2>(1, 3));
        let [batch, reals] = z.dims();
        normalize_power(z.reshape([batch, reals / 2, 2]))
    }

    /// Received symbols to pictures.
    ///
    /// # Shapes
    /// - input: `[batch, k, 2]`
    /// - output: `[batch, 1, 28, 28]` in [0, 1]
    fn decode(&self, z_hat: Tensor<3>) -> Tensor<4> {
        let d = &self.decoder;
        let [batch, ..] = z_hat.dims();
        let y = d.from_symbols.forward(z_hat.flatten::<2>(1, 2)).reshape([batch, MAPS[1], INNER, INNER]);
        let y = d.slope2.forward(d.body.forward(d.slope1.forward(y)));
        let y = d.slope3.forward(d.up1.forward(y));
        sigmoid(d.up2.forward(y))
    }
}
