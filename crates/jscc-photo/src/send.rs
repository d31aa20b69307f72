//! A photograph to frames.

use crate::base::{Base, quantise};
use crate::carrier::{Carrier, n_on_air};
use crate::detail::{Allocation, remainders};
use crate::header::{Header, MOST_SIDE, MOST_SYMBOLS, N_HEADER};
use crate::ladder::{BaseRung, DetailRung, base_for, detail_for, mcs};
use crate::model::Model;
use crate::transform::{Grid, analyse};
use crate::{Picture, classes, shards};
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::{Mcs, ScramblerState};

/// Coarsest and finest quantisers, and the distance of the first ones tried.
const STEPS: std::ops::RangeInclusive<u8> = 8..=46;
const APART: u8 = 6;
/// Shortest PSDUs that are allowed.
pub const LEAST_MTU: usize = 256;

/// How a photograph is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// Number of the picture, which receivers tell pictures apart by.
    pub id: u16,
    /// SNR in dB of the receiver that it is sent for.
    pub snr_db: f64,
    /// How far the SNR may fall, in dB, before the base is lost.
    pub margin_db: f64,
    /// OFDM symbols on the air, preambles included.
    pub symbols: usize,
    /// Longest PSDU in octets.
    pub mtu: usize,
    /// Format of the frames.
    pub format: Format,
    /// Initial state of the sender's scrambler.
    pub scrambler: ScramblerState,
    /// Time in ms until the next picture of its sequence; 0 for a picture of none.
    pub interval_ms: u16,
}

/// The photograph cannot be sent so.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Unsendable {
    /// A side is too long, or there is no pixel.
    #[error("{width}x{height} pixels; a photograph has 1x1 to {MOST_SIDE}x{MOST_SIDE}")]
    Size {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// Not even the smallest base fits.
    #[error("the base alone takes {least} OFDM symbols ({} µs), more than the {given} given; allow more air-time or a smaller margin", 4 * least)]
    TooShort {
        /// OFDM symbols of the base.
        least: usize,
        /// Those allowed.
        given: usize,
    },
    /// More air-time than a header may say.
    #[error("{0} OFDM symbols on the air; at most {MOST_SYMBOLS}")]
    TooLong(usize),
    /// Frames too short to be of use, or longer than the standard's.
    #[error("frames of {0} octets; give {LEAST_MTU} to 4095")]
    Mtu(usize),
}

/// The frames of a photograph.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// Rate and PSDU of each, the base first.
    pub frames: Vec<(Mcs, Vec<u8>)>,
    /// Frames of the base, parity included, and how many of them suffice.
    pub base: (usize, usize),
    /// OFDM symbols on the air of base and detail.
    pub symbols: [usize; 2],
    /// Quantiser.
    pub step: u8,
    /// PSNR in dB that is expected at the SNR it was sent for, and of the base alone.
    pub expected_psnr_db: [f64; 2],
}

/// OFDM symbols of 48 symbols each that are a twelfth of a colour picture's numbers: what is usual on the air for one.
pub fn usual_symbols(width: usize, height: usize) -> usize {
    (width * height).div_ceil(192).max(128)
}

/// PSNR in dB of a squared error per number, in steps of a pixel.
fn psnr_db(squared_error: f64, grid: &Grid) -> f64 {
    // A grey picture's coefficients are √3 times as large.
    let mse = squared_error / (grid.width * grid.height * 3) as f64;
    10.0 * (255.0 * 255.0 / mse).log10()
}

/// Finds the quantiser that leaves least error, and sends the photograph with it.
///
/// # Errors
/// [`Unsendable`].
pub fn send(picture: &Picture, order: &Order, model: &Model) -> Result<Sent, Unsendable> {
    let sender = Sender::new(picture, order, model)?;
    let trial = sender.best()?;
    Ok(sender.frames(&trial))
}

/// A photograph about to be sent.
struct Sender<'a> {
    order: &'a Order,
    model: &'a Model,
    grid: Grid,
    values: Vec<f32>,
    classes: Vec<u8>,
    base: BaseRung,
    detail: DetailRung,
}

/// The photograph with one quantiser.
struct Trial {
    step: u8,
    octets: Vec<u8>,
    /// OFDM symbols of base and detail.
    symbols: [usize; 2],
    /// What symbols would be multiplied by.
    gain: f32,
    squared_error: f64,
    without_detail: f64,
    values: Vec<f32>,
}

impl<'a> Sender<'a> {
    fn new(picture: &Picture, order: &'a Order, model: &'a Model) -> Result<Self, Unsendable> {
        let grid = picture.grid();
        let Grid { width, height, .. } = grid;
        if !(1..=MOST_SIDE).contains(&width) || !(1..=MOST_SIDE).contains(&height) {
            return Err(Unsendable::Size { width, height });
        }
        if !(LEAST_MTU..=4095).contains(&order.mtu) {
            return Err(Unsendable::Mtu(order.mtu));
        }
        if order.symbols > MOST_SYMBOLS as usize {
            return Err(Unsendable::TooLong(order.symbols));
        }
        let values = analyse(picture);
        let classes = classes::choose(&grid, &values, floor(order.snr_db), model);
        let (base, detail) = (base_for(order.snr_db, order.margin_db), detail_for(order.snr_db));
        Ok(Self { order, model, grid, values, classes, base, detail })
    }

    fn quarter_db(&self) -> i8 {
        (4.0 * self.detail.symbols_db).round().clamp(-128.0, 127.0) as i8
    }

    /// The best trial: first of quantisers far apart, then of those near the best.
    fn best(&self) -> Result<Trial, Unsendable> {
        let mut best: Option<Trial> = None;
        let mut least = usize::MAX;
        let mut consider = |best: &mut Option<Trial>, step: u8| match self.trial(step) {
            Err(symbols) => least = least.min(symbols),
            Ok(trial) => {
                if best.as_ref().is_none_or(|best| trial.squared_error < best.squared_error) {
                    *best = Some(trial);
                }
            }
        };
        for step in STEPS.rev().step_by(usize::from(APART)) {
            consider(&mut best, step);
        }
        for apart in [APART / 2, APART / 4 + 1, 1] {
            let Some(middle) = best.as_ref().map(|best| best.step) else { break };
            for step in [middle - apart, middle + apart].into_iter().filter(|step| STEPS.contains(step)) {
                consider(&mut best, step);
            }
        }
        best.ok_or(Unsendable::TooShort { least, given: self.order.symbols })
    }

    /// The photograph with this quantiser; without room for it, how many OFDM symbols its base takes.
    fn trial(&self, step: u8) -> Result<Trial, usize> {
        let Self { order, model, grid, .. } = self;
        let base = quantise(grid, &self.values, self.classes.clone(), step, model);
        let octets = base.encode(grid, step, model);
        let (octets_each, count) =
            shards::lengths(N_HEADER + octets.len(), self.base.octets.min(order.mtu), self.base.parity);
        let of_base = count * n_on_air(mcs(order.format, self.base.rate), octets_each);
        let Some(of_detail) = order.symbols.checked_sub(of_base) else { return Err(of_base) };
        let carrier = self.carrier(of_detail);
        let left = self.left(&base, step);
        let without_detail = left.iter().map(|r| f64::from(r * r)).sum();
        let mut trial = Trial {
            step,
            octets,
            symbols: [of_base, of_detail],
            gain: 1.0,
            squared_error: without_detail,
            without_detail,
            values: Vec::new(),
        };
        if carrier.is_empty() {
            trial.symbols[1] = 0;
            return Ok(trial);
        }
        let allocation = self.allocation(&base, step, &carrier);
        trial.values = allocation.encode(&left);
        let mean = trial.values.iter().map(|z| f64::from(z * z)).sum::<f64>() / (2 * carrier.n_symbols()) as f64;
        trial.gain = if mean > 0.0 { (1.0 / mean.sqrt()) as f32 } else { 1.0 };
        trial.squared_error = allocation.expected_error(&left, self.noise(), trial.gain);
        Ok(trial)
    }

    fn noise(&self) -> f32 {
        10f32.powf(-f32::from(self.quarter_db()) / 40.0)
    }

    fn carrier(&self, symbols: usize) -> Carrier {
        let Order { id, mtu, format, .. } = *self.order;
        Carrier::new(id, mcs(format, self.detail.rate), symbols, mtu, self.detail.scale)
    }

    /// What the base leaves of the coefficients.
    fn left(&self, base: &Base, step: u8) -> Vec<f32> {
        let mut left = base.values(step, self.model);
        left.iter_mut().zip(&self.values).for_each(|(left, x)| *left = x - *left);
        left
    }

    fn allocation(&self, base: &Base, step: u8, carrier: &Carrier) -> Allocation {
        let expected = remainders(&self.grid, base, step, self.model);
        Allocation::new(&expected, 2 * carrier.n_symbols(), self.noise())
    }

    fn frames(&self, trial: &Trial) -> Sent {
        let Order { id, mtu, format, scrambler, interval_ms, .. } = *self.order;
        let header = Header {
            grid: self.grid,
            format,
            step: trial.step,
            rate: self.detail.rate as u8,
            symbols: trial.symbols[1] as u32,
            mtu: mtu as u16,
            quarter_db: self.quarter_db(),
            log_gain: (256.0 * trial.gain.log2()).round().clamp(-32_000.0, 32_000.0) as i16,
            octets: trial.octets.len() as u32,
            interval_ms,
        };
        let stream = [header.encode(), trial.octets.clone()].concat();
        let base = shards::frames(id, &stream, self.base.octets.min(mtu), self.base.parity);
        let needed = shards::read(&base[0]).map_or(0, |(label, _)| usize::from(label.originals));
        let carrier = self.carrier(trial.symbols[1]);
        let values: Vec<f32> = trial.values.iter().map(|z| z * header.gain()).collect();
        let detail = carrier.emulate(&values, scrambler);
        let with = |rate: usize| move |psdu: Vec<u8>| (mcs(format, rate), psdu);
        Sent {
            base: (base.len(), needed),
            frames: base
                .into_iter()
                .map(with(self.base.rate))
                .chain(detail.into_iter().map(with(self.detail.rate)))
                .collect(),
            symbols: trial.symbols,
            step: trial.step,
            expected_psnr_db: [trial.squared_error, trial.without_detail].map(|error| psnr_db(error, &self.grid)),
        }
    }
}

/// Variance of coefficients below which classes need not tell them apart, at an SNR in dB: about the error that is left of a
/// pixel. Chosen on validation photographs.
fn floor(snr_db: f64) -> f32 {
    (200.0 * 10f64.powf(-snr_db / 10.0)).clamp(6.0, 400.0) as f32
}
