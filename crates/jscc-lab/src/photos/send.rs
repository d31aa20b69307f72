//! Sending of photographs.

use super::PhotoError;
use super::restore::gain_db;
use jscc_photo::Picture;
use jscc_photo::model::SHIPPED;
use jscc_photo::send::{self, usual_symbols};
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::{Guard, Mcs, Ppdu};
use jscc_radio::Rate;
use jscc_radio::encode::{Sending, scrambler_state};
use jscc_radio::resample::SAMPLE_RATE;
use std::path::Path;

/// Most photographs at once: they have different numbers on the air.
pub const MOST: usize = 1 << 16;

/// Samples of an OFDM symbol.
const SAMPLES_PER_SYMBOL: u64 = 80;

/// How photographs are sent.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// SNR in dB of the receiver that they are sent for.
    pub snr_db: f64,
    /// How far the SNR may fall, in dB, before the base is lost.
    pub margin_db: f64,
    /// Air-time per photograph in µs, preambles included; `None` for the [usual one](usual_symbols).
    pub air_us: Option<u64>,
    /// Longest PSDU in octets.
    pub mtu: usize,
    /// Whether frames are those of 802.11n.
    pub is_ht: bool,
    /// Number of the first photograph.
    pub first: u16,
    /// Initial state of the scrambler, 1 to 127, x1 the least significant bit.
    pub scrambler: u32,
    /// The sequence that they are, if they are one.
    pub sequence: Option<Sequence>,
}

/// Pictures one after another at a steady rate.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    /// Pictures per second.
    pub fps: f64,
    /// Samples of silence between frames.
    pub gap: u64,
}

impl Sequence {
    /// Pictures per second that are possible: an interval is in whole ms.
    pub const FPS: [f64; 2] = [0.02, 100.0];

    fn interval_ms(self) -> u16 {
        (1000.0 / self.fps).round() as u16
    }

    /// First sample of picture `n`, from that of the first on.
    fn start(self, n: usize) -> u64 {
        (n as f64 / self.fps * SAMPLE_RATE) as u64
    }

    /// Samples of a picture.
    fn room(self) -> u64 {
        self.start(1)
    }

    /// Samples that frames and the silence after each take.
    fn taken(self, frames: &[(Mcs, Vec<u8>)]) -> u64 {
        let samples = |(mcs, psdu): &(Mcs, Vec<u8>)| Ppdu::long_guard(*mcs, psdu.len()).n_samples() as u64 + self.gap;
        frames.iter().map(samples).sum()
    }
}

/// A photograph in frames.
pub struct Sent {
    /// The frames.
    pub frames: Vec<Sending>,
    /// Width, height and colours.
    pub shape: [usize; 3],
    /// What base and detail take, and what is expected of them.
    pub sent: send::Sent,
    /// SNR in dB that it was sent for.
    snr_db: f64,
}

impl Sent {
    /// Frames of the detail.
    pub fn n_detail(&self) -> usize {
        self.frames.len() - self.sent.base.0
    }

    /// PSNR in dB to expect at the SNR that it was sent for: the closed form's and what the network adds on average.
    pub fn expected_psnr_db(&self) -> f64 {
        self.sent.expected_psnr_db[0] + gain_db(self.snr_db)
    }

    /// Time on the air in µs, without the gaps between frames.
    pub fn air_us(&self) -> usize {
        self.frames.iter().map(|frame| frame.ppdu().air_time_us()).sum()
    }
}

/// The frames of a photograph, the `n`th of those in this order.
///
/// # Errors
/// [`PhotoError::Unsendable`] and `Frame`.
pub fn send(path: &Path, picture: &Picture, n: usize, order: &Order) -> Result<Sent, PhotoError> {
    let mut symbols = order.air_us.map_or(usual_symbols(picture.width, picture.height), |us| (us / 4) as usize);
    if let Some(sequence) = order.sequence {
        symbols = symbols.min((sequence.room() / SAMPLES_PER_SYMBOL) as usize);
    }
    let mut of_codec = send::Order {
        id: order.first.wrapping_add(n as u16),
        snr_db: order.snr_db,
        margin_db: order.margin_db,
        symbols,
        mtu: order.mtu,
        format: if order.is_ht { Format::Ht } else { Format::NonHt },
        scrambler: scrambler_state(order.scrambler)?,
        interval_ms: order.sequence.map_or(0, Sequence::interval_ms),
    };
    let unsendable = |reason| PhotoError::Unsendable { path: path.to_owned(), reason };
    let mut sent = send::send(picture, &of_codec, &SHIPPED).map_err(unsendable)?;
    // Silence between frames takes of the time too, and how many there are is known afterwards.
    while let Some(over) =
        order.sequence.and_then(|sequence| sequence.taken(&sent.frames).checked_sub(sequence.room() + 1))
    {
        of_codec.symbols = of_codec.symbols.saturating_sub((over / SAMPLES_PER_SYMBOL) as usize + 1);
        sent = send::send(picture, &of_codec, &SHIPPED).map_err(unsendable)?;
    }
    let start = order.sequence.map_or(0, |sequence| sequence.start(n));
    let frame = |(mcs, psdu): &(_, Vec<u8>)| {
        let rate = Ppdu::new(*mcs, Guard::Long, psdu.len()).map(Rate::of).expect("a frame that was made");
        Ok::<_, PhotoError>(Sending::new(rate, psdu.clone(), order.scrambler)?.not_before(start))
    };
    let frames = sent.frames.iter().map(frame).collect::<Result<_, PhotoError>>()?;
    Ok(Sent { frames, shape: [picture.width, picture.height, picture.channels], sent, snr_db: order.snr_db })
}
