//! ProxyNet (equations 12 and 13): a differentiable model of the whole link.
//!
//! ```text
//! w ─ sender U-Net ─ power of a frame ─ + noise ─ receiver U-Net ─ ŵ
//! ```
//! The sender net models the inversion and the transmitter, the receiver net the receiver, its inversion and the
//! compensation. The channel between them has no parameters: the SNR is that of the real link.

use crate::layers::{Conv1d, PRelu};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use jscc_phy::units::N_FFT;

/// Mean power of a sample: 48 data subcarriers and 4 pilots of power 1 among 64.
const POWER: f32 = 52.0 / N_FFT as f32;

/// The network.
#[derive(Module, Debug)]
pub struct ProxyNet {
    sender: UNet,
    receiver: UNet,
}

/// A one-dimensional U-Net: `[batch, 2, samples]`, four samples at a time.
#[derive(Module, Debug)]
struct UNet {
    enter: Layer,
    down1: Layer,
    down2: Layer,
    body: Layer,
    up1: Layer,
    join1: Layer,
    up0: Layer,
    join0: Layer,
    leave: Conv1d,
}

/// A convolution over time and its rectifier.
#[derive(Module, Debug)]
struct Layer {
    conv: Conv1d,
    slope: PRelu,
}

impl ProxyNet {
    /// The network with this number of feature maps at full, half and quarter rate, its weights zero until drawn.
    pub fn new(maps: [usize; 3], device: &Device) -> Self {
        Self { sender: UNet::new(maps, device), receiver: UNet::new(maps, device) }
    }

    /// Predicts the link's output for a waveform.
    ///
    /// # Shapes
    /// - input and output: `[frames, 2, samples]`; the noise likewise, of variance N0 per complex sample
    pub fn forward(&self, waveform: Tensor<3>, noise: Tensor<3>) -> Tensor<3> {
        let sent = self.sender.forward(waveform);
        // The mean is over both axes of a complex sample, which share its power.
        let power = sent.clone().square().mean_dim(2).mean_dim(1) * 2.0;
        let sent = sent * (power / POWER + 1e-9).sqrt().recip();
        self.receiver.forward(sent + noise)
    }
}

impl UNet {
    fn new([full, half, quarter]: [usize; 3], device: &Device) -> Self {
        let layer =
            |from, to, stride| Layer { conv: Conv1d::new([from, to], 5, stride, device), slope: PRelu::new(device) };
        Self {
            enter: layer(2, full, 1),
            down1: layer(full, half, 2),
            down2: layer(half, quarter, 2),
            body: layer(quarter, quarter, 1),
            up1: layer(quarter, 2 * half, 1),
            join1: layer(2 * half, half, 1),
            up0: layer(half, 2 * full, 1),
            join0: layer(2 * full, full, 1),
            leave: Conv1d::new([full, 2], 5, 1, device),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let full = self.enter.forward(x.clone());
        let half = self.down1.forward(full.clone());
        let quarter = self.body.forward(self.down2.forward(half.clone()));
        let half = self.join1.forward(Tensor::cat(vec![spread(self.up1.forward(quarter)), half], 1));
        let full = self.join0.forward(Tensor::cat(vec![spread(self.up0.forward(half)), full], 1));
        x + self.leave.forward(full)
    }
}

impl Layer {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.slope.forward(self.conv.forward(x).unsqueeze_dim(2)).squeeze_dim(2)
    }
}

/// Doubles the rate and halves the maps: pairs of maps become neighbours in time.
fn spread(x: Tensor<3>) -> Tensor<3> {
    let [batch, maps, samples] = x.dims();
    x.reshape([batch, maps / 2, 2, samples]).swap_dims(2, 3).reshape([batch, maps / 2, 2 * samples])
}
