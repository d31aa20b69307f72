//! Figure data of a received frame.

use super::decode::Picked;
use super::resample::SAMPLE_RATE;
use jscc_phy::Complex32;
use jscc_phy::units::{N_FFT, to_db};
use jscc_phy::wifi::ofdm::{Transform, bin};
use jscc_phy::wifi::qam;
use std::f32::consts::TAU;
use std::path::Path;

/// Content of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct FramePicture {
    /// Name of the frame.
    pub title: String,
    /// Kind and quality of the frame.
    pub summary: String,
    /// Equalised points, I and Q.
    pub points: Vec<[f64; 2]>,
    /// Points of the ideal constellation.
    pub ideal: Vec<[f64; 2]>,
    /// Frequency in MHz and power in dB.
    pub spectrum: Vec<[f64; 2]>,
    /// Subcarrier and magnitude of its gain in dB.
    pub magnitude: Vec<[f64; 2]>,
    /// Subcarrier and phase of its gain in degrees.
    pub phase: Vec<[f64; 2]>,
}

/// The points, spectrum and channel of a frame picked from the recording at `path`.
pub fn picture(picked: &Picked, path: &Path) -> FramePicture {
    let (frame, note) = (&picked.frame, &picked.found.note);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let verdict = if note.fcs_ok { "FCS right" } else { "FCS wrong" };
    let gain = |tone: i32| frame.channel.gain[bin(tone)];
    let sent = || (-28..=28).filter(|&tone| gain(tone) != Complex32::ZERO);
    let pair = |x: &Complex32| [f64::from(x.re), f64::from(x.im)];
    FramePicture {
        title: format!("{name}, frame {} at sample {}", picked.number, note.start),
        summary: format!(
            "802.11{} {}, {} octets, {verdict}. SNR {:.1} dB, EVM {:.1} dB, frequency offset {:.1} kHz.",
            if note.rate.mcs().is_some() { "n" } else { "a" },
            note.rate,
            note.length,
            note.snr_db,
            picked.found.evm_db,
            note.cfo_hz / 1e3
        )
        .replace(" -", " −"),
        points: frame.points.iter().map(pair).collect(),
        ideal: qam::constellation(frame.ppdu.mcs().modulation()).iter().map(pair).collect(),
        spectrum: spectrum(&picked.samples),
        magnitude: sent().map(|tone| [f64::from(tone), to_db(f64::from(gain(tone).norm_sqr()))]).collect(),
        phase: sent().map(|tone| [f64::from(tone), f64::from(gain(tone).arg().to_degrees())]).collect(),
    }
}

/// Power over frequency in MHz, in dB relative to the mean on the occupied subcarriers: Welch's method, half
/// overlapping.
fn spectrum(samples: &[Complex32]) -> Vec<[f64; 2]> {
    let transform = Transform::default();
    let window: [f32; N_FFT] = std::array::from_fn(|i| 0.5 - 0.5 * (TAU * i as f32 / N_FFT as f32).cos());
    let mut power = [0.0; N_FFT];
    for part in samples.windows(N_FFT).step_by(N_FFT / 2) {
        let part: Vec<Complex32> = part.iter().zip(window).map(|(x, w)| x * w).collect();
        for (power, bin) in power.iter_mut().zip(transform.to_bins(&part)) {
            *power += f64::from(bin.norm_sqr());
        }
    }
    let occupied = (-26..=26).map(|tone| power[bin(tone)]).sum::<f64>() / 53.0;
    let half = N_FFT as i32 / 2;
    let mhz = SAMPLE_RATE / 1e6 / N_FFT as f64;
    (-half..half).map(|tone| [f64::from(tone) * mhz, to_db(power[bin(tone)] / occupied)]).collect()
}
