//! Residue of a wrongly decoded frame: its decoded bits, re-encoded, are mostly right, so that tones appear in the
//! difference, over the whole frame, whenever they began.

use super::demodulate::{Demodulator, Heard};
use super::lines::{at_frequency, climb, energy, turns, wave};
use super::ofdm::{N_SYMBOL, bin};
use super::ppdu::Ppdu;
use crate::Complex32;
use crate::units::N_FFT;
use rustfft::FftPlanner;
use std::f32::consts::TAU;

/// Most tones.
const MOST_TONES: usize = 3;
/// Smallest energy of a tone in units of the residue's mean per dimension: chance does not reach it in 10⁵ dimensions.
const LEAST_ENERGY: f32 = 25.0;
/// Symbols before and after one that contribute to a tone's amplitude in it.
const N_BESIDE: usize = 4;

/// The points of a DATA field without the tones that stand out in the residue of `sent`; `None` if there are no such
/// tones.
///
/// # Shapes
/// - `heard`: the symbols
/// - `points`: one per data subcarrier and symbol
/// - `sent`: the same for all symbols except the last
pub(super) fn take_tones_off(
    heard: &[Heard],
    mut points: Vec<Complex32>,
    sent: &[Complex32],
    ppdu: Ppdu,
    demodulator: &Demodulator,
) -> Option<Vec<Complex32>> {
    let transform = demodulator.transform();
    let bins: Vec<usize> = ppdu.mcs().data_tones().iter().map(|&tone| bin(tone)).collect();
    let (n_data, n_known) = (bins.len(), sent.len() / bins.len());
    if n_known == 0 {
        return None;
    }
    let mut bodies: Vec<[Complex32; N_FFT]> = Vec::with_capacity(n_known);
    for ((heard, points), sent) in heard.iter().zip(points.chunks_exact(n_data)).zip(sent.chunks_exact(n_data)) {
        let mut left = demodulator.empty_bins(&heard.bins);
        for ((&bin, point), sent) in bins.iter().zip(points).zip(sent) {
            left[bin] = heard.bins[bin] * (point - sent) * point.conj() / point.norm_sqr().max(f32::MIN_POSITIVE);
        }
        bodies.push(transform.to_samples(&left));
    }
    let mut n_tones = 0;
    while n_tones < MOST_TONES {
        let Some(frequency) = strongest(heard, &bodies) else { break };
        let values: Vec<Complex32> = heard
            .iter()
            .zip(&bodies)
            .map(|(heard, body)| at_frequency(frequency, body) * wave(-frequency, heard.at as i64) / N_FFT as f32)
            .collect();
        let mut shape = [Complex32::ZERO; N_FFT];
        shape.iter_mut().zip(turns(frequency)).for_each(|(sample, turn)| *sample = turn);
        let spectrum = transform.to_bins(&shape);
        for (n, (heard, points)) in heard.iter().zip(points.chunks_exact_mut(n_data)).enumerate() {
            let beside = &values[n.saturating_sub(N_BESIDE).min(values.len() - 1)..values.len().min(n + N_BESIDE + 1)];
            let mean = beside.iter().sum::<Complex32>() / beside.len() as f32;
            let value = mean * wave(frequency, heard.at as i64);
            for (&bin, point) in bins.iter().zip(points) {
                let heard = heard.bins[bin];
                *point -= value * spectrum[bin] * *point * heard.conj() / heard.norm_sqr().max(f32::MIN_POSITIVE);
            }
            if let Some(body) = bodies.get_mut(n) {
                body.iter_mut().zip(&shape).for_each(|(sample, shape)| *sample -= value * shape);
            }
        }
        n_tones += 1;
    }
    (n_tones > 0).then_some(points)
}

/// The most prominent frequency in the bodies of symbols.
fn strongest(heard: &[Heard], bodies: &[[Complex32; N_FFT]]) -> Option<f32> {
    let first = heard.first()?.at;
    let n = (bodies.len() * N_SYMBOL + 2 * N_SYMBOL).next_power_of_two();
    let mut spectrum = vec![Complex32::ZERO; n];
    for (heard, body) in heard.iter().zip(bodies) {
        // A window that follows a slow clock may move back, but never by a whole symbol.
        let at = heard.at.saturating_sub(first);
        spectrum.get_mut(at..at + N_FFT)?.copy_from_slice(body);
    }
    FftPlanner::new().plan_fft_forward(n).process(&mut spectrum);
    let place = (0..n).max_by(|&a, &b| spectrum[a].norm_sqr().total_cmp(&spectrum[b].norm_sqr()))?;
    let total: f32 = bodies.iter().map(|body| energy(body)).sum();
    let stands_out = spectrum[place].norm_sqr() > LEAST_ENERGY * total;
    if !stands_out {
        return None;
    }
    let start = TAU * if 2 * place < n { place as f32 } else { place as f32 - n as f32 } / n as f32;
    let height = |frequency: f32| {
        let sum: Complex32 = heard
            .iter()
            .zip(bodies)
            .map(|(heard, body)| {
                at_frequency(frequency, body) * wave(-frequency, (heard.at - first.min(heard.at)) as i64)
            })
            .sum();
        sum.norm_sqr()
    };
    Some(climb(start, TAU / n as f32 / 2.0, height))
}
