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

use crate::layers::{Conv2d, ConvTranspose2d, PRelu, size};
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use crate::symbols::normalize_power;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Sizes of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Feature maps at half and at a quarter of the picture's sides.
    #[serde(deserialize_with = "size::each")]
    pub maps: [usize; 2],
}

impl Default for Config {
    fn default() -> Self {
        Self { maps: [16, 32] }
    }
}

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
    /// Maps, height and width of the innermost maps.
    #[module(skip)]
    inner: [usize; 3],
}

impl Encoder {
    /// An encoder to k complex symbols, its weights zero until drawn.
    pub fn new(config: Config, source: Source, k: usize, device: &Device) -> Self {
        let (maps, [colours, ..]) = (config.maps, source.shape);
        Self {
            down1: Conv2d::new([colours, maps[0]], 5, 2, device),
            slope1: PRelu::new(device),
            down2: Conv2d::new(maps, 5, 2, device),
            slope2: PRelu::new(device),
            body: Conv2d::new([maps[1]; 2], 3, 1, device),
            slope3: PRelu::new(device),
            to_symbols: LinearConfig::new(n_inner(config, source), 2 * k).init(device),
        }
    }

    /// Encodes pictures to symbols of mean power 1 per image.
    ///
    /// # Shapes
    /// - input: `[batch, maps, height, width]` in [0, 1]
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
    pub fn new(config: Config, source: Source, k: usize, device: &Device) -> Self {
        let ([outer, inner], [colours, height, width]) = (config.maps, source.shape);
        Self {
            from_symbols: LinearConfig::new(2 * k, n_inner(config, source)).init(device),
            slope1: PRelu::new(device),
            body: Conv2d::new([inner; 2], 3, 1, device),
            slope2: PRelu::new(device),
            up1: ConvTranspose2d::new([inner, outer], 4, 2, device),
            slope3: PRelu::new(device),
            up2: ConvTranspose2d::new([outer, colours], 4, 2, device),
            inner: [inner, height / 4, width / 4],
        }
    }

    /// Complex symbols per image.
    pub fn k(&self) -> usize {
        self.from_symbols.weight.dims()[0] / 2
    }

    /// Decodes received symbols to pictures.
    ///
    /// # Shapes
    /// - input: `[batch, k, 2]`
    /// - output: `[batch, maps, height, width]` in [0, 1]
    pub fn forward(&self, z_hat: Tensor<3>) -> Tensor<4> {
        let ([batch, ..], [maps, height, width]) = (z_hat.dims(), self.inner);
        let y = self.from_symbols.forward(z_hat.flatten::<2>(1, 2)).reshape([batch, maps, height, width]);
        let y = self.slope2.forward(self.body.forward(self.slope1.forward(y)));
        let y = self.slope3.forward(self.up1.forward(y));
        sigmoid(self.up2.forward(y))
    }
}

/// Number of values in the innermost maps.
fn n_inner(config: Config, source: Source) -> usize {
    let [_, height, width] = source.shape;
    config.maps[1] * (height / 4) * (width / 4)
}

/// Reason why there is no such codec for these pictures; `None` if there is one.
pub(super) fn misfit(source: Source) -> Option<String> {
    let [_, height, width] = source.shape;
    let whole = height.is_multiple_of(4) && width.is_multiple_of(4);
    (!whole).then(|| format!("pictures of {height}×{width}; their sides must be multiples of 4"))
}

impl Method for DeepJscc {
    const CARD: Card = Card {
        name: "deepjscc",
        title: "DeepJSCC",
        reference: "Bourtsoulatze, Burth Kurka, Gündüz, IEEE TCCN 5 (3), 2019",
        family: Family::Foundation,
        tasks: &[Task::Recover],
        encoder: Needs::Nothing,
        decoder: Needs::Nothing,
        parts: &["encoder", "decoder"],
    };

    type Config = Config;
    type Aux = ();

    fn misfit(source: Source, _: usize) -> Option<String> {
        misfit(source)
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        Self { encoder: Encoder::new(*config, source, k, device), decoder: Decoder::new(*config, source, k, device) }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        Sent::all(self.encoder.forward(x))
    }

    fn decode(&self, received: Tensor<3>, _: &Side) -> Output {
        Output::image(self.decoder.forward(received))
    }
}
