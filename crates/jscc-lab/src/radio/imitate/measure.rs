//! How near a frame comes to the wave: per subcarrier, per OFDM symbol, as a whole.

use super::Target;
use crate::radio::encode::Sending;
use jscc_phy::Complex32;
use jscc_phy::units::{mean_power, nmse_db, to_db};
use jscc_phy::wifi::ofdm::N_SYMBOL;
use jscc_phy::wifi::transmit::data_points;

/// Subcarriers between which there is a pilot or nothing.
const EDGES: [i32; 5] = [-21, -7, 0, 7, 21];

/// How near a frame comes to a wave. NMSE is the error's energy over the wave's, in dB, after the one real gain for
/// everything that makes it least on the served subcarriers: 0 dB is as good as silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Amplitude of the imitation in the frame over that of the wave.
    pub gain: f64,
    /// On the wanted subcarriers that the inversion serves.
    pub served_nmse_db: f64,
    /// On all wanted subcarriers.
    pub wanted_nmse_db: f64,
    /// Of the samples, cyclic prefixes, pilots and all: what an antenna would see.
    pub sample_nmse_db: f64,
    /// Share of the wave's energy, cyclic prefixes left out, that lies on the wanted subcarriers.
    pub share: f64,
    /// For each wanted subcarrier.
    pub tones: Vec<ToneError>,
    /// On the wanted subcarriers, for each OFDM symbol.
    pub symbols_nmse_db: Vec<f64>,
}

/// The error of one subcarrier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneError {
    /// Its number.
    pub tone: i32,
    /// The wave's power there over that of the mean wanted subcarrier, in dB.
    pub power_db: f64,
    /// NMSE in dB; not a number where the wave has nothing.
    pub nmse_db: f64,
    /// Whether the inversion serves it.
    pub is_served: bool,
    wave: f64,
    error: f64,
}

/// Neighbouring subcarriers, from one pilot to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The lowest of them.
    pub from: i32,
    /// The highest.
    pub to: i32,
    /// How many are wanted.
    pub wanted: usize,
    /// How many the inversion serves.
    pub served: usize,
    /// The wave's power there over that of the mean wanted subcarrier, in dB.
    pub power_db: f64,
    /// NMSE in dB.
    pub nmse_db: f64,
}

impl Measured {
    /// The wanted subcarriers in bands.
    pub fn bands(&self) -> Vec<Band> {
        let place = |tone: i32| EDGES.iter().filter(|&&edge| edge < tone).count();
        let band = |tones: &[ToneError]| {
            let sum = |of: fn(&ToneError) -> f64| tones.iter().map(of).sum::<f64>();
            let power = tones.iter().map(|tone| 10f64.powf(tone.power_db / 10.0)).sum::<f64>() / tones.len() as f64;
            Band {
                from: tones[0].tone,
                to: tones[tones.len() - 1].tone,
                wanted: tones.len(),
                served: tones.iter().filter(|tone| tone.is_served).count(),
                power_db: to_db(power),
                nmse_db: to_db(sum(|tone| tone.error) / sum(|tone| tone.wave)),
            }
        };
        self.tones.chunk_by(|a, b| place(a.tone) == place(b.tone)).map(band).collect()
    }
}

/// Energies of a wave and of the error of its imitation.
#[derive(Clone, Copy, Default)]
struct Energies {
    wave: f64,
    error: f64,
}

impl Energies {
    fn add(&mut self, wave: Complex32, imitation: Complex32) {
        self.wave += f64::from(wave.norm_sqr());
        self.error += f64::from((wave - imitation).norm_sqr());
    }

    fn nmse_db(self) -> f64 {
        to_db(self.error / self.wave)
    }
}

impl Target<'_> {
    /// Measures a frame; `served` are the slots that its inversion aimed.
    pub(super) fn measure(&self, frame: &Sending, served: &[usize]) -> Measured {
        let points = data_points(&frame.psdu, self.mcs, frame.scrambler);
        let wave: Vec<Complex32> = served.iter().map(|&slot| self.at(slot)).collect();
        let imitation: Vec<Complex32> = served.iter().map(|&slot| points[slot]).collect();
        let cross: f64 = wave.iter().zip(&imitation).map(|(w, x)| f64::from((w.conj() * x).re)).sum();
        let back = cross / (mean_power(&imitation) * imitation.len() as f64);
        let n_data = self.mcs.n_data();
        let (mut tones, mut symbols) = (vec![Energies::default(); n_data], vec![Energies::default(); self.bins.len()]);
        let mut all = Energies::default();
        for n in 0..self.bins.len() {
            for &tone in self.tones {
                let slot = (self.first + n) * n_data + tone;
                let (wave, imitation) = (self.at(slot), points[slot] * back as f32);
                tones[tone].add(wave, imitation);
                symbols[n].add(wave, imitation);
                all.add(wave, imitation);
            }
        }
        let mean = all.wave / self.tones.len() as f64;
        let of_tone = |&tone: &usize| {
            let energies = tones[tone];
            ToneError {
                tone: self.mcs.data_tones()[tone],
                power_db: to_db(energies.wave / mean),
                nmse_db: energies.nmse_db(),
                is_served: served.iter().any(|slot| slot % n_data == tone),
                wave: energies.wave,
                error: energies.error,
            }
        };
        Measured {
            gain: 1.0 / back,
            served_nmse_db: nmse_db(&wave, &imitation),
            wanted_nmse_db: all.nmse_db(),
            sample_nmse_db: self.sample_nmse_db(frame),
            share: all.wave / self.energy(),
            tones: self.tones.iter().map(of_tone).collect(),
            symbols_nmse_db: symbols.into_iter().map(Energies::nmse_db).collect(),
        }
    }

    /// Energy of the wave's bodies over all 64 subcarriers.
    fn energy(&self) -> f64 {
        self.bins.iter().flatten().map(|x| f64::from(x.norm_sqr())).sum()
    }

    fn sample_nmse_db(&self, frame: &Sending) -> f64 {
        let samples = frame.samples();
        let at = frame.ppdu.n_header() + self.first * N_SYMBOL;
        let length = self.bins.len() * N_SYMBOL;
        nmse_db(&self.wave[..length], &samples[at..at + length])
    }
}
