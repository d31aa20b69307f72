//! Comparison of the rivals: mean squared errors of test pictures over rates and SNRs.

use super::basis::{Basis, Transform};
use super::budget::capacity_bits;
use super::entropy::EntropyCoded;
use super::fixed::FixedRate;
use super::jpeg::{Codes, Jpeg, JpegFile, Steps};
use super::learned::Learned;
use super::linear::{Linear, Normalised, Powers};
use super::slots::Slots;
use super::transport::Frames;
use super::{Analysis, Decoded, N_PIXELS, SourceCodec};
use crate::metrics::interval::mean_ci95;
use crate::metrics::{Metric, mse, psnr_db};
use crate::per::Reception;
use jscc_phy::units::Snr;
use jscc_phy::wifi::Mcs;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;

/// Training pictures that quantisers, models and estimators are fitted to.
const FITTED: usize = 20_000;
/// Transport of a rival's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// 802.11 frames of one rate.
    Wifi(Mcs),
    /// Error-free bits at AWGN's capacity for the channel uses: a bound that no code reaches.
    Capacity,
    /// An ideal analog radio.
    Analog,
}

/// A rate in 802.11's notation, `capacity`, or `analog`.
impl std::fmt::Display for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wifi(mcs) => mcs.fmt(f),
            Self::Capacity => f.write_str("capacity"),
            Self::Analog => f.write_str("analog"),
        }
    }
}

impl Serialize for Carrier {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One rival at one rate and SNR.
#[derive(Debug, Clone)]
pub struct Point {
    /// Name of the rival.
    pub codec: String,
    /// Its transport.
    pub rate: Carrier,
    /// Es/N0 in dB: of a data subcarrier, or of an ideal radio's symbol.
    pub snr_db: f64,
    /// Number of pictures.
    pub images: usize,
    /// Mean squared error, lost pictures counted as the mean of the training pictures.
    pub mse: f64,
    /// Half-width of its 95 % interval; infinite for a single frame.
    pub mse_ci95: f64,
    /// Frames sent.
    pub frames: usize,
    /// Frames lost.
    pub lost: usize,
    /// Pictures that the codec could not fit into their bits: lost even if the frame arrives.
    pub unsent: usize,
    /// Bits available per picture; `None` on an analog radio.
    pub bits_per_picture: Option<f64>,
    /// Air time of a frame in µs, preamble and header included; `None` without frames.
    pub air_time_us: Option<usize>,
}

/// Transport of a rival and its cost.
#[derive(Debug, Clone, Serialize)]
pub struct RivalAir {
    /// A rate, "capacity" or "analog".
    pub carrier: Carrier,
    /// Bits available per picture.
    pub bits_per_picture: Option<f64>,
    /// Air time of a frame in µs.
    pub air_time_us: Option<usize>,
}

impl Point {
    /// PSNR of the mean squared error.
    pub fn psnr_db(&self) -> f64 {
        psnr_db(self.mse)
    }

    /// Transport and its cost.
    pub fn air(&self) -> RivalAir {
        let Self { bits_per_picture, air_time_us, .. } = *self;
        RivalAir { carrier: self.rate, bits_per_picture, air_time_us }
    }

    /// The metrics of a row.
    pub fn metrics(&self) -> Vec<Metric> {
        let ends = [self.mse + self.mse_ci95, (self.mse - self.mse_ci95).max(0.0)];
        vec![
            Metric::within("mse", self.mse, self.mse_ci95),
            Metric::new("psnr_db", self.psnr_db(), ends.map(psnr_db)),
            Metric::exact("unsent", self.unsent as f64),
        ]
    }
}

/// Parameters of the transport.
#[derive(Debug, Clone, Copy)]
pub struct Air {
    /// Pictures per frame.
    pub pictures: usize,
    /// OFDM symbols of a frame's DATA field. With one per picture, SERVICE, tail and check sequence take some of the
    /// bits; the analog codecs' frame of ten pictures has eleven.
    pub symbols: usize,
    /// Knowledge of the receiver.
    pub reception: Reception,
}

/// Test pictures, and what is drawn for a lost one.
#[derive(Debug, Clone, Copy)]
pub struct Pictures<'a> {
    /// Pixels, picture after picture.
    pub test: &'a [f32],
    /// The picture in place of a lost one.
    pub lost: &'a [f32],
}

/// The digital rivals, the learned transforms among them. Basis, quantisers and tables are fitted to training pictures; a
/// frame carries `pictures` pictures.
pub fn codecs(train: &[f32], pictures: usize, learned: Vec<Learned>) -> Vec<Box<dyn SourceCodec>> {
    let seen = &train[..train.len().min(FITTED * N_PIXELS)];
    let mut codecs: Vec<Box<dyn SourceCodec>> = Vec::new();
    for transform in [Transform::Pca, Transform::Dct] {
        let basis = Arc::new(Basis::fit(train, transform));
        let coefficients = basis.analyse(seen);
        let entropy = Arc::new(EntropyCoded::fit(basis.clone(), &coefficients));
        codecs.push(Box::new(entropy.clone()));
        codecs.push(Box::new(Slots(entropy)));
        codecs.push(Box::new(FixedRate::fit(basis, &coefficients)));
    }
    for (steps, codes) in
        [(Steps::Flat, Codes::Trained), (Steps::AnnexK, Codes::Trained), (Steps::AnnexK, Codes::AnnexK)]
    {
        codecs.push(Box::new(Jpeg::fit(train, pictures, steps, codes)));
        codecs.push(Box::new(Slots(Jpeg::fit(train, 1, steps, codes))));
    }
    codecs.push(Box::new(JpegFile::new(pictures)));
    for learned in learned {
        let coefficients = learned.analyse(seen);
        codecs.push(Box::new(EntropyCoded::fit(Arc::new(learned), &coefficients)));
    }
    codecs
}

/// A codec over frames of one rate. No rows if a frame has no room for pictures.
pub fn over_wifi(
    codec: &dyn SourceCodec,
    pictures: Pictures,
    mcs: Mcs,
    snr_db: &[f64],
    seed: u64,
    air: &Air,
) -> Vec<Point> {
    let Some(frames) = Frames::new(mcs, air.symbols, air.reception, seed) else { return Vec::new() };
    let groups = Group::all(codec, pictures, air.pictures, |_| frames.budget());
    let row = |&snr_db: &f64| {
        let heard = |(index, group): (usize, &Group)| {
            let heard = frames.carry(&group.bits, Snr::per_symbol(snr_db), index as u64);
            // The 32-bit check sequence accepts a wrong frame once in 4 billion: that one is decoded too.
            match heard {
                None => Fate { errors: group.errors_of(&vec![None; air.pictures]), lost: 1, unsent: 0 },
                Some(bits) if bits == group.bits => {
                    Fate { errors: group.errors.clone(), lost: 0, unsent: group.unsent }
                }
                Some(bits) => Group::decoded(codec, group.pictures, bits).fate(),
            }
        };
        let fates: Vec<Fate> = groups.par_iter().enumerate().map(heard).collect();
        Point {
            bits_per_picture: Some(frames.budget() as f64 / air.pictures as f64),
            air_time_us: Some(frames.air_time_us()),
            ..Point::new(codec.name(), Carrier::Wifi(mcs), snr_db, &fates)
        }
    };
    snr_db.iter().map(row).collect()
}

/// A codec with error-free bits at AWGN's capacity for the channel uses of a frame of `air.symbols` OFDM symbols, non-HT.
pub fn at_capacity(codec: &dyn SourceCodec, pictures: Pictures, snr_db: &[f64], air: &Air) -> Vec<Point> {
    let row = |&snr_db: &f64| {
        let budget = capacity_bits(Mcs::M54.n_data() * air.symbols, snr_db);
        let fates: Vec<Fate> = Group::all(codec, pictures, air.pictures, |_| budget).iter().map(Group::fate).collect();
        Point {
            bits_per_picture: Some(budget as f64 / air.pictures as f64),
            ..Point::new(codec.name(), Carrier::Capacity, snr_db, &fates)
        }
    };
    snr_db.iter().map(row).collect()
}

/// The analog rivals on an ideal radio with 48 complex symbols per picture.
pub fn analog(train: &[f32], test: &[f32], snr_db: &[f64], seed: u64) -> Vec<Point> {
    let seen = &train[..train.len().min(FITTED * N_PIXELS)];
    let kinds = [
        (Transform::Pca, Powers::KnownSnr, Normalised::Ensemble),
        (Transform::Pca, Powers::SoftCast, Normalised::Ensemble),
        (Transform::Pca, Powers::SoftCast, Normalised::Picture),
        (Transform::Dct, Powers::KnownSnr, Normalised::Ensemble),
        (Transform::Dct, Powers::SoftCast, Normalised::Ensemble),
    ];
    let bases = [Transform::Pca, Transform::Dct].map(|transform| {
        let basis = Basis::fit(train, transform);
        let coefficients = basis.analyse(seen);
        (basis, coefficients)
    });
    let row = |(&(transform, powers, normalised), &snr_db): (&(Transform, Powers, Normalised), &f64)| {
        let (basis, coefficients) = bases.iter().find(|(b, _)| b.transform() == transform).expect("both are there");
        let linear = Linear::fit(basis, coefficients, powers, normalised, Snr::per_symbol(snr_db));
        let fate = |error| Fate { errors: vec![error], lost: 0, unsent: 0 };
        let fates: Vec<Fate> = linear.errors(test, seed).into_iter().map(fate).collect();
        Point::new(linear.name(), Carrier::Analog, snr_db, &fates)
    };
    kinds.iter().flat_map(|kind| snr_db.iter().map(move |snr| (kind, snr))).map(row).collect()
}

/// The row of the best rate per codec and SNR, as if it were known in advance; codecs in the rows' order.
pub fn envelope(rows: &[Point]) -> Vec<Point> {
    let mut best: Vec<Point> = Vec::new();
    for row in rows.iter().filter(|row| matches!(row.rate, Carrier::Wifi(_))) {
        match best.iter_mut().find(|best| best.codec == row.codec && best.snr_db.to_bits() == row.snr_db.to_bits()) {
            Some(best) if row.mse < best.mse => *best = row.clone(),
            Some(_) => {}
            None => best.push(row.clone()),
        }
    }
    best
}

/// The pictures of a frame, their bits, and their errors after decoding those bits.
struct Group<'a> {
    pictures: Pictures<'a>,
    /// Bits, padded to the budget.
    bits: Vec<u8>,
    errors: Vec<f64>,
    unsent: usize,
}

/// Outcome of a frame's pictures.
struct Fate {
    errors: Vec<f64>,
    lost: usize,
    unsent: usize,
}

impl<'a> Group<'a> {
    fn all(
        codec: &dyn SourceCodec,
        Pictures { test, lost }: Pictures<'a>,
        pictures: usize,
        budget: impl Fn(usize) -> usize + Sync,
    ) -> Vec<Self> {
        let pixels = pictures * N_PIXELS;
        assert!(test.len().is_multiple_of(pixels), "{} pixels in frames of {pixels}", test.len());
        let of = |(index, test): (usize, &'a [f32])| {
            let mut bits = codec.encode(test, budget(index));
            bits.resize(budget(index), 0);
            Self::decoded(codec, Pictures { test, lost }, bits)
        };
        test.par_chunks_exact(pixels).enumerate().map(of).collect()
    }

    fn decoded(codec: &dyn SourceCodec, pictures: Pictures<'a>, bits: Vec<u8>) -> Self {
        let decoded = codec.decode(&bits, pictures.test.len() / N_PIXELS);
        let unsent = decoded.iter().filter(|picture| picture.is_none()).count();
        let group = Self { pictures, bits, errors: Vec::new(), unsent };
        Self { errors: group.errors_of(&decoded), ..group }
    }

    fn errors_of(&self, decoded: &[Decoded]) -> Vec<f64> {
        let Pictures { test, lost } = self.pictures;
        let pairs = test.chunks_exact(N_PIXELS).zip(decoded);
        pairs.map(|(picture, decoded)| mse(picture, decoded.as_deref().unwrap_or(lost))).collect()
    }

    fn fate(&self) -> Fate {
        Fate { errors: self.errors.clone(), lost: 0, unsent: self.unsent }
    }
}

impl Point {
    fn new(codec: String, rate: Carrier, snr_db: f64, fates: &[Fate]) -> Self {
        let errors: Vec<f64> = fates.iter().flat_map(|fate| fate.errors.iter().copied()).collect();
        let (mse, mse_ci95) = mean_ci95(&errors, errors.len() / fates.len());
        Self {
            codec,
            rate,
            snr_db,
            images: errors.len(),
            mse,
            mse_ci95,
            frames: fates.len(),
            lost: fates.iter().map(|fate| fate.lost).sum(),
            unsent: fates.iter().map(|fate| fate.unsent).sum(),
            bits_per_picture: None,
            air_time_us: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rivals::tests::fitted;

    #[test]
    fn a_rate_is_perfect_or_lost_and_the_envelope_takes_the_best() {
        let (codec, test) = fitted(|basis, coefficients| FixedRate::fit(basis, &coefficients));
        let air = Air { pictures: 10, symbols: 10, reception: Reception::Aided };
        let lost = vec![0.25; N_PIXELS];
        let pictures = Pictures { test: &test, lost: &lost };
        let of = |mcs| over_wifi(&codec, pictures, mcs, &[-5.0, 35.0], 1, &air);
        let rows = [of(Mcs::SIGNAL), of(Mcs::M54)].concat();
        assert_eq!(rows.iter().map(|row| row.lost).collect::<Vec<_>>()[1..], [0, 4, 0]);
        assert_eq!(rows[3].bits_per_picture, Some(210.4));
        let instead = test.iter().map(|&pixel| f64::from(pixel - 0.25).powi(2)).sum::<f64>() / test.len() as f64;
        assert!((rows[2].mse - instead).abs() < 1e-6);
        let best = envelope(&rows);
        assert_eq!(best.len(), 2);
        assert_eq!((best[1].rate, best[1].mse), (Carrier::Wifi(Mcs::M54), rows[3].mse));
        assert_eq!(of(Mcs::M54)[1].mse.to_bits(), rows[3].mse.to_bits(), "the same seed gives the same row");
        let bound = at_capacity(&codec, pictures, &[35.0], &air);
        assert!(bound[0].mse < best[1].mse);
        assert_eq!((bound[0].rate.to_string(), bound[0].lost), ("capacity".into(), 0));
    }

    #[test]
    fn an_analog_row_counts_its_pictures() {
        let ((), test) = fitted(|_, _| ());
        let rows = analog(&test, &test, &[35.0], 1);
        assert_eq!(rows.len(), 5);
        assert!(rows.iter().all(|row| row.frames == 40 && row.lost == 0 && row.mse < 0.05), "{rows:?}");
    }
}
