//! Accuracy of a frame as an imitation: per subcarrier, per OFDM symbol, overall.

use super::Target;
use jscc_phy::Complex32;
use jscc_phy::units::{mean_power, nmse_db, to_db};
use jscc_phy::wifi::ofdm::N_SYMBOL;
use jscc_phy::wifi::transmit::data_points;
use jscc_radio::encode::Sending;

/// Subcarriers that separate bands: pilots and the empty one.
const EDGES: [i32; 5] = [-21, -7, 0, 7, 21];

/// Accuracy of an imitation. NMSE is the error's energy over the waveform's, in dB, after one real gain for the whole
/// frame that minimises it on the served subcarriers: 0 dB is no better than silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Amplitude of the imitation in the frame over that of the waveform.
    pub gain: f64,
    /// NMSE on the selected subcarriers that the inversion serves.
    pub served_nmse_db: f64,
    /// NMSE on all selected subcarriers.
    pub wanted_nmse_db: f64,
    /// NMSE of the samples, including cyclic prefixes and pilots, as on an antenna.
    pub sample_nmse_db: f64,
    /// Share of the waveform's energy, without cyclic prefixes, that lies on the selected subcarriers.
    pub share: f64,
    /// Errors per selected subcarrier.
    pub tones: Vec<ToneError>,
    /// Errors on the selected subcarriers, per OFDM symbol.
    pub symbols: Vec<Closeness>,
}

/// Power of a part of the waveform and of its error, relative to the waveform's mean power per selected subcarrier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Closeness {
    wave: f64,
    error: f64,
}

impl Closeness {
    /// The waveform's power in dB relative to its mean.
    pub fn power_db(self) -> f64 {
        to_db(self.wave)
    }

    /// The error's power in dB relative to the waveform's mean.
    pub fn error_db(self) -> f64 {
        to_db(self.error)
    }

    /// The error's power in dB relative to the waveform's here; `None` if the latter is 60 dB below its mean.
    pub fn nmse_db(self) -> Option<f64> {
        (self.wave > 1e-6).then(|| to_db(self.error / self.wave))
    }

    fn add(&mut self, wave: Complex32, imitation: Complex32) {
        self.wave += f64::from(wave.norm_sqr());
        self.error += f64::from((wave - imitation).norm_sqr());
    }

    fn over(self, power: f64) -> Self {
        Self { wave: self.wave / power, error: self.error / power }
    }

    fn mean<'a>(parts: impl ExactSizeIterator<Item = &'a Self>) -> Self {
        let n = parts.len() as f64;
        let sum = parts.fold(Self::default(), |a, b| Self { wave: a.wave + b.wave, error: a.error + b.error });
        sum.over(n)
    }
}

/// The error of one subcarrier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneError {
    /// Subcarrier number.
    pub tone: i32,
    /// Whether the inversion serves it.
    pub is_served: bool,
    /// Its powers.
    pub closeness: Closeness,
}

/// A band of neighbouring subcarriers, from one pilot to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The lowest subcarrier.
    pub from: i32,
    /// The highest subcarrier.
    pub to: i32,
    /// Selected subcarriers.
    pub wanted: usize,
    /// Subcarriers that the inversion serves.
    pub served: usize,
    /// Their powers.
    pub closeness: Closeness,
}

impl Measured {
    /// The selected subcarriers in bands.
    pub fn bands(&self) -> Vec<Band> {
        let place = |tone: i32| EDGES.iter().filter(|&&edge| edge < tone).count();
        let band = |tones: &[ToneError]| Band {
            from: tones[0].tone,
            to: tones[tones.len() - 1].tone,
            wanted: tones.len(),
            served: tones.iter().filter(|tone| tone.is_served).count(),
            closeness: Closeness::mean(tones.iter().map(|tone| &tone.closeness)),
        };
        self.tones.chunk_by(|a, b| place(a.tone) == place(b.tone)).map(band).collect()
    }
}

impl Target<'_> {
    /// Measures a frame; `served` are the slots that its inversion served.
    pub(super) fn measure(&self, frame: &Sending, served: &[usize]) -> Measured {
        let points = data_points(frame.psdu(), self.mcs, frame.scrambler());
        let wave: Vec<Complex32> = served.iter().map(|&slot| self.at(slot)).collect();
        let imitation: Vec<Complex32> = served.iter().map(|&slot| points[slot]).collect();
        let cross: f64 = wave.iter().zip(&imitation).map(|(w, x)| f64::from((w.conj() * x).re)).sum();
        let back = cross / (mean_power(&imitation) * imitation.len() as f64);
        let (tones, symbols) = self.closeness(&points, back as f32);
        let all = Closeness::mean(symbols.iter());
        let n_data = self.mcs.n_data();
        let of_tone = |(&tone, &closeness): (&usize, &Closeness)| {
            let is_served = served.iter().any(|slot| slot % n_data == tone);
            ToneError { tone: self.mcs.data_tones()[tone], is_served, closeness }
        };
        Measured {
            gain: 1.0 / back,
            served_nmse_db: nmse_db(&wave, &imitation),
            wanted_nmse_db: to_db(all.error / all.wave),
            sample_nmse_db: self.sample_nmse_db(frame),
            share: self.power() * (self.tones.len() * self.bins.len()) as f64 / self.energy(),
            tones: self.tones.iter().zip(&tones).map(of_tone).collect(),
            symbols,
        }
    }

    /// Closeness per selected subcarrier over all symbols, and per symbol over all selected subcarriers, for an
    /// imitation of `points` times `back`.
    fn closeness(&self, points: &[Complex32], back: f32) -> (Vec<Closeness>, Vec<Closeness>) {
        let (n_tones, n_symbols, n_data) = (self.tones.len(), self.bins.len(), self.mcs.n_data());
        let (mut tones, mut symbols) = (vec![Closeness::default(); n_tones], vec![Closeness::default(); n_symbols]);
        for (n, of_symbol) in symbols.iter_mut().enumerate() {
            for (tone, of_tone) in self.tones.iter().zip(&mut tones) {
                let slot = (self.first + n) * n_data + tone;
                let (wave, imitation) = (self.at(slot), points[slot] * back);
                of_tone.add(wave, imitation);
                of_symbol.add(wave, imitation);
            }
        }
        let power = self.power();
        let over = |sums: Vec<Closeness>, n: usize| sums.into_iter().map(|sum| sum.over(n as f64 * power)).collect();
        (over(tones, n_symbols), over(symbols, n_tones))
    }

    /// The waveform's mean power per selected subcarrier.
    fn power(&self) -> f64 {
        let n_data = self.mcs.n_data();
        let of_symbol =
            |n| self.tones.iter().map(move |tone| f64::from(self.at((self.first + n) * n_data + tone).norm_sqr()));
        let all = (0..self.bins.len()).flat_map(of_symbol).sum::<f64>();
        all / (self.tones.len() * self.bins.len()) as f64
    }

    /// Energy of the waveform's symbol bodies over all 64 subcarriers.
    fn energy(&self) -> f64 {
        self.bins.iter().flatten().map(|x| f64::from(x.norm_sqr())).sum()
    }

    fn sample_nmse_db(&self, frame: &Sending) -> f64 {
        let samples = frame.samples();
        let at = frame.ppdu().n_header() + self.first * N_SYMBOL;
        let length = self.bins.len() * N_SYMBOL;
        nmse_db(&self.wave[..length], &samples[at..at + length])
    }
}
