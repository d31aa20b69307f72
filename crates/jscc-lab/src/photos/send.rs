//! Sending of photographs.

use super::PhotoError;
use jscc_photo::Picture;
use jscc_photo::model::SHIPPED;
use jscc_photo::send::{self, usual_symbols};
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::{Guard, Ppdu};
use jscc_radio::Rate;
use jscc_radio::encode::{Sending, scrambler_state};
use std::path::Path;

/// Most photographs at once: they have different numbers on the air.
pub const MOST: usize = 1 << 16;

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
}

/// A photograph in frames.
pub struct Sent {
    /// The frames.
    pub frames: Vec<Sending>,
    /// Width, height and colours.
    pub shape: [usize; 3],
    /// What base and detail take, and what is expected of them.
    pub sent: send::Sent,
}

impl Sent {
    /// Frames of the detail.
    pub fn n_detail(&self) -> usize {
        self.frames.len() - self.sent.base.0
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
    let symbols = order.air_us.map_or(usual_symbols(picture.width, picture.height), |us| (us / 4) as usize);
    let of_codec = send::Order {
        id: order.first.wrapping_add(n as u16),
        snr_db: order.snr_db,
        margin_db: order.margin_db,
        symbols,
        mtu: order.mtu,
        format: if order.is_ht { Format::Ht } else { Format::NonHt },
        scrambler: scrambler_state(order.scrambler)?,
    };
    let unsendable = |reason| PhotoError::Unsendable { path: path.to_owned(), reason };
    let sent = send::send(picture, &of_codec, &SHIPPED).map_err(unsendable)?;
    let frame = |(mcs, psdu): &(_, Vec<u8>)| {
        let rate = Ppdu::new(*mcs, Guard::Long, psdu.len()).map(Rate::of).expect("a frame that was made");
        Sending::new(rate, psdu.clone(), order.scrambler)
    };
    let frames = sent.frames.iter().map(frame).collect::<Result<_, _>>()?;
    Ok(Sent { frames, shape: [picture.width, picture.height, picture.channels], sent })
}
