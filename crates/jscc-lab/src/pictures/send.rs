//! Sending of pictures as frames.

use super::packing::{Form, Packing};
use super::{PictureCodec, PictureError, each};
use crate::metrics::{mse, psnr_db};
use crate::spec::FramingSpec;
use jscc_phy::emulation::Emulator;
use jscc_radio::Rate;
use jscc_radio::encode::{SendError, Sending, scrambler_state};

/// Options of sending.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Rate of the frames.
    pub rate: Rate,
    /// Use of the frames' room.
    pub form: Form,
    /// Framing around the free bits.
    pub framing: FramingSpec,
    /// Initial state of the scrambler, 1 to 127, x1 the least significant bit.
    pub scrambler: u32,
    /// Pictures per frame.
    pub per_frame: usize,
}

/// Frames that carry pictures.
pub struct Sent {
    /// The frames.
    pub frames: Vec<Sending>,
    /// The pictures.
    pub pictures: Vec<SentPicture>,
}

/// One sent picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SentPicture {
    /// Index of its frame.
    pub frame: usize,
    /// PSNR in dB at a receiver without bit errors.
    pub best_psnr_db: f64,
}

/// The frames that carry the pictures `pixels`, in order.
///
/// # Errors
/// [`PictureError::Frame`] and `TooMany`.
pub fn send(codec: &PictureCodec, pixels: &[f32], order: Order) -> Result<Sent, PictureError> {
    let state = scrambler_state(order.scrambler)?;
    let mcs = order.rate.ppdu(1).map_err(SendError::from)?.mcs();
    let mut packing = Packing::new(codec.k(), mcs, order.framing.into(), order.form);
    check(&mut packing, codec.k(), order)?;
    let z = codec.encode(pixels);
    let (mut frames, mut pictures, mut received) = (Vec::new(), Vec::new(), Vec::new());
    let mut emulator: Option<Emulator> = None;
    for z in z.chunks(order.per_frame * codec.k()) {
        let fitting = emulator.take().filter(|emulator| emulator.n_symbols() == z.len());
        let emulator = emulator.insert(fitting.unwrap_or_else(|| packing.emulator(z.len() / codec.k())));
        let psdu = emulator.emulate(z, state);
        received.extend(emulator.recover(&psdu, state));
        pictures.resize(pictures.len() + z.len() / codec.k(), frames.len());
        frames.push(Sending::new(order.rate, psdu, order.scrambler)?);
    }
    let best = codec.decode(&received);
    let psnr = each(pixels).zip(each(&best)).map(|(sent, best)| psnr_db(mse(sent, best)));
    let pictures = pictures.into_iter().zip(psnr).map(|(frame, best_psnr_db)| SentPicture { frame, best_psnr_db });
    Ok(Sent { pictures: pictures.collect(), frames })
}

fn check(packing: &mut Packing, k: usize, order: Order) -> Result<(), PictureError> {
    let (most, got) = (packing.most(), order.per_frame);
    if (1..=most).contains(&got) {
        return Ok(());
    }
    let advice =
        if most == 0 { "give a higher rate or weights with a smaller k" } else { "give --per-frame from 1 on" };
    Err(PictureError::TooMany { rate: order.rate.to_string(), most, k, got, advice })
}
