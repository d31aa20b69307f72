//! DeepJSCC as published: convolutions only, so that the symbols are maps of the picture at a quarter of its sides.
//!
//! *Source.* E. Bourtsoulatze, D. Burth Kurka, D. Gündüz, "Deep joint source-channel coding for wireless image
//! transmission", IEEE Trans. Cogn. Commun. Netw. 5 (3), 2019, figure 2.
//!
//! ```text
//! x 3×32×32 ─ conv 5, ↓2 ─ 16 ─ conv 5, ↓2 ─ 32 ─ conv 5 ─ 32 ─ conv 5 ─ 32 ─ conv 5 ─ c×8×8 = z k×2, power 1
//! x̂ 3×32×32 ─ sigmoid ─ deconv 5, ↑2 ─ 16 ─ deconv 5, ↑2 ─ 32 ─ deconv 5 ─ 32 ─ deconv 5 ─ 32 ─ deconv 5 ─ ẑ
//! ```
//! PReLU, one slope per map, after every layer but the decoder's last. Two neighbouring maps are the real and imaginary
//! parts of symbols, so that a symbol belongs to one place of the picture.
//!
//! *Channel information.* None, on either side: trained at one SNR it is a specialist, over a range the mixture that adaptive
//! methods have to beat.
//!
//! *Departures from the paper.* The mean power of symbols is 1 per picture, as everywhere here.

use crate::init::Initial;
use crate::layers::{Conv2d, ConvTranspose2d, PRelu, size};
use crate::method::{Card, Family, Method, Needs, Output, Sent, Side, Source, Task};
use crate::symbols::normalize_power;
use burn::module::Module;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Layers of each half.
pub(super) const LAYERS: usize = 5;
/// Layers of each half that are followed by something: the encoder's last makes symbols, the decoder's last pixels.
pub(super) const INNER: usize = LAYERS - 1;
/// Pixels per place of the innermost maps, in each direction.
const SHRINK: usize = 4;

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

impl Config {
    /// Maps after each of the encoder's inner layers, which are those before each of the decoder's, backwards.
    pub fn inner(self) -> [usize; INNER] {
        let [outer, inner] = self.maps;
        [outer, inner, inner, inner]
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct DeepJsccConv {
    pub(super) encoder: Encoder,
    pub(super) decoder: Decoder,
}

/// What an adaptive method does to a half of this network.
pub(super) trait Adaptation {
    /// Layer `i` of the encoder.
    fn convolve(&self, _i: usize, layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
        layer.forward(x)
    }

    /// Layer `i` of the decoder.
    fn transpose(&self, _i: usize, layer: &ConvTranspose2d, x: Tensor<4>) -> Tensor<4> {
        layer.forward(x)
    }

    /// What follows inner layer `i` and its activation.
    fn follow(&self, _i: usize, x: Tensor<4>) -> Tensor<4> {
        x
    }
}

/// No adaptation.
pub(super) struct Plain;

impl Adaptation for Plain {}

/// Pictures to symbols.
#[derive(Module, Debug)]
pub(super) struct Encoder {
    layers: Vec<Conv2d>,
    slopes: Vec<PRelu>,
}

/// Symbols to pictures.
#[derive(Module, Debug)]
pub(super) struct Decoder {
    layers: Vec<ConvTranspose2d>,
    slopes: Vec<PRelu>,
    /// Maps, height and width of the symbols.
    #[module(skip)]
    symbols: [usize; 3],
}

impl Encoder {
    /// An encoder to k complex symbols, its weights zero until drawn.
    pub fn new(config: Config, source: Source, k: usize, device: &Device) -> Self {
        let ([a, b, c, d], [maps, ..]) = (config.inner(), symbol_maps(source, k));
        let sizes = [[source.shape[0], a], [a, b], [b, c], [c, d], [d, maps]];
        let layer = |(i, maps): (usize, [usize; 2])| Conv2d::new(maps, 5, if i < 2 { 2 } else { 1 }, device);
        Self {
            layers: sizes.into_iter().enumerate().map(layer).collect(),
            slopes: sizes.into_iter().map(|[_, maps]| PRelu::of_maps(maps, device)).collect(),
        }
    }

    /// Encodes pictures to symbols of mean power 1 per image.
    ///
    /// # Shapes
    /// - input: `[batch, maps, height, width]` in [0, 1]
    /// - output: `[batch, k, 2]`
    pub fn forward(&self, mut x: Tensor<4>, adaptation: &impl Adaptation) -> Tensor<3> {
        for (i, (layer, slopes)) in self.layers.iter().zip(&self.slopes).enumerate() {
            x = slopes.forward(adaptation.convolve(i, layer, x));
            if i < INNER {
                x = adaptation.follow(i, x);
            }
        }
        normalize_power(symbols_of_maps(x))
    }
}

impl Decoder {
    /// A decoder of k complex symbols, its weights zero until drawn.
    pub fn new(config: Config, source: Source, k: usize, device: &Device) -> Self {
        let ([a, b, c, d], symbols) = (config.inner(), symbol_maps(source, k));
        let sizes = [[symbols[0], d], [d, c], [c, b], [b, a], [a, source.shape[0]]];
        let layer = |(i, maps): (usize, [usize; 2])| ConvTranspose2d::new(maps, 5, if i < 3 { 1 } else { 2 }, device);
        Self {
            layers: sizes.into_iter().enumerate().map(layer).collect(),
            slopes: sizes.into_iter().take(INNER).map(|[_, maps]| PRelu::of_maps(maps, device)).collect(),
            symbols,
        }
    }

    /// Maps of real numbers that the symbols are.
    pub fn n_maps(&self) -> usize {
        self.symbols[0]
    }

    /// The received symbols as maps, `[batch, k, 2]` to `[batch, maps, height, width]`.
    pub fn maps(&self, z_hat: Tensor<3>) -> Tensor<4> {
        let ([batch, ..], [maps, height, width]) = (z_hat.dims(), self.symbols);
        let pairs = z_hat.reshape([batch, maps / 2, height * width, 2]);
        pairs.swap_dims(2, 3).reshape([batch, maps, height, width])
    }

    /// A real per symbol as maps, `[batch, k]` to `[batch, maps / 2, height, width]`.
    pub fn maps_of_reals(&self, per_symbol: Tensor<2>) -> Tensor<4> {
        let ([batch, _], [maps, height, width]) = (per_symbol.dims(), self.symbols);
        per_symbol.reshape([batch, maps / 2, height, width])
    }

    /// Decodes maps of received symbols to pictures.
    ///
    /// # Shapes
    /// - input: `[batch, maps, height, width]` of [`Decoder::maps`]
    /// - output: `[batch, maps, height, width]` in [0, 1]
    pub fn forward(&self, mut y: Tensor<4>, adaptation: &impl Adaptation) -> Tensor<4> {
        for (i, layer) in self.layers.iter().enumerate() {
            y = adaptation.transpose(i, layer, y);
            if let Some(slopes) = self.slopes.get(i) {
                y = adaptation.follow(i, slopes.forward(y));
            }
        }
        sigmoid(y)
    }
}

/// Maps as symbols: `[batch, maps, height, width]` to `[batch, k, 2]`, k = maps/2 · height · width.
fn symbols_of_maps(x: Tensor<4>) -> Tensor<3> {
    let [batch, maps, height, width] = x.dims();
    let places = height * width;
    x.reshape([batch, maps / 2, 2, places]).swap_dims(2, 3).reshape([batch, maps / 2 * places, 2])
}

/// Maps, height and width of k complex symbols.
fn symbol_maps(source: Source, k: usize) -> [usize; 3] {
    let [_, height, width] = source.shape;
    let [height, width] = [height / SHRINK, width / SHRINK];
    [2 * k / (height * width), height, width]
}

/// Reason why there is no such codec for these pictures and k symbols each; `None` if there is one.
pub(super) fn misfit(source: Source, k: usize) -> Option<String> {
    let [_, height, width] = source.shape;
    if !height.is_multiple_of(SHRINK) || !width.is_multiple_of(SHRINK) {
        return Some(format!("pictures of {height}×{width}; their sides must be multiples of {SHRINK}"));
    }
    let places = height / SHRINK * (width / SHRINK);
    (!k.is_multiple_of(places)).then(|| format!("k = {k}; it must be a multiple of {places}, whole maps of symbols"))
}

impl Method for DeepJsccConv {
    const CARD: Card = Card {
        name: "deepjscc_conv",
        title: "DeepJSCC, convolutional",
        reference: "Bourtsoulatze, Burth Kurka, Gündüz, IEEE TCCN 5 (3), 2019",
        family: Family::Foundation,
        tasks: &[Task::Recover],
        encoder: Needs::Nothing,
        decoder: Needs::Nothing,
        parts: &["encoder", "decoder"],
    };

    const INITIAL: Initial = Initial::He;
    type Config = Config;
    type Aux = ();

    fn misfit(source: Source, k: usize) -> Option<String> {
        misfit(source, k)
    }

    fn new(config: &Config, source: Source, k: usize, device: &Device) -> Self {
        Self { encoder: Encoder::new(*config, source, k, device), decoder: Decoder::new(*config, source, k, device) }
    }

    fn encode(&self, x: Tensor<4>, _: &Side) -> Sent {
        Sent::all(self.encoder.forward(x, &Plain))
    }

    fn decode(&self, received: Tensor<3>, _: &Side) -> Output {
        Output::image(self.decoder.forward(self.decoder.maps(received), &Plain))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::compute::Compute;
    use crate::init;
    use crate::symbols::{from_complex, to_complex};
    use burn::tensor::TensorData;
    use jscc_phy::random::stream;
    use rand::RngExt;

    pub const HOST: Source = Source { shape: [3, 16, 16], classes: 10 };
    /// Eight maps of symbols.
    pub const K: usize = 64;

    /// Three pictures, and a network with drawn weights.
    pub fn pictures_and_host() -> (Tensor<4>, DeepJsccConv) {
        let (device, mut rng) = (Compute::Cpu.device(), stream(1, "test pictures", 0));
        let pixels: Vec<f32> = (0..3 * HOST.reals()).map(|_| rng.random_range(0.0..1.0)).collect();
        let net = init::draw(DeepJsccConv::new(&Config::default(), HOST, K, &device), Initial::He, 7);
        (HOST.tensor(&pixels, &device), net)
    }

    /// Asserts that an adaptive method sends and decodes the same bits as its host, at any SNR.
    pub fn same(host: &DeepJsccConv, adaptive: &impl Method, x: Tensor<4>) {
        let snr = Tensor::from_data(TensorData::new(vec![-0.5f32, 0.1, 1.5], [3, 1]), &x.device());
        let (sent, told) = (host.encode(x.clone(), &Side::Withheld).z, Side::Snr(snr));
        let bits = |z: Tensor<3>| to_complex(z);
        assert_eq!(bits(adaptive.encode(x, &told).z), bits(sent.clone()), "symbols");
        let pixels =
            |output: Output| -> Vec<f32> { output.image.expect("a picture").try_into_vec_as().expect("floats") };
        assert_eq!(
            pixels(adaptive.decode(sent.clone(), &told)),
            pixels(host.decode(sent, &Side::Withheld)),
            "pictures"
        );
    }

    /// A symbol is one place of two neighbouring maps, and comes back to it.
    #[test]
    fn symbols_are_places_of_maps() {
        let (_, host) = pictures_and_host();
        let device = Compute::Cpu.device();
        let z: Vec<_> = (0..K).map(|i| jscc_phy::Complex32::new(i as f32, -(i as f32))).collect();
        let maps = host.decoder.maps(from_complex(&z, K, &device));
        let values: Vec<f32> = maps.clone().try_into_vec_as().expect("floats");
        assert_eq!((maps.dims(), values[0], values[5], values[16 + 5]), ([1, 8, 4, 4], 0.0, 5.0, -5.0));
        assert_eq!(to_complex(symbols_of_maps(maps)), z);
        assert!(misfit(HOST, K).is_none() && misfit(HOST, K + 1).is_some());
    }

    /// 156 thousand weights with eight symbols' maps of sixteen, as the public re-implementations have.
    #[test]
    fn it_has_the_published_size() {
        let cifar = Source { shape: [3, 32, 32], classes: 10 };
        let n = DeepJsccConv::new(&Config::default(), cifar, 512, &Compute::Cpu.device()).num_params();
        assert!((155_000..158_000).contains(&n), "{n} weights");
    }
}
