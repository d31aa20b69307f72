//! Decision-directed refinement: the decoded bits, re-encoded, are a training field as long as the frame. If only a few
//! of them are wrong, the phase, gain and noise estimated from all can correct them.

use super::coder::Coder;
use super::ppdu::Ppdu;
use super::qam::map_symbol;
use crate::Complex32;

/// Weight of the earlier estimate, in symbols.
const TRUST: f32 = 8.0;

/// Aligns each symbol's phase with the re-encoded points, corrects each subcarrier's gain, and weights it by the
/// residual errors. `octets` are the decoded DATA bits, scrambled.
///
/// # Shapes
/// - `points`: one per data subcarrier and symbol
/// - `weights`: 1/(noise variance) of each data subcarrier
pub(super) fn refine(points: &mut [Complex32], weights: &mut [f32], octets: &[u8], ppdu: Ppdu) {
    let (n_data, sent) = (ppdu.mcs().n_data(), sent(octets, ppdu));
    for (points, sent) in points.chunks_exact_mut(n_data).zip(sent.chunks_exact(n_data)) {
        let alike = points.iter().zip(sent).zip(&*weights).map(|((point, sent), weight)| point * sent.conj() * weight);
        let common: Complex32 = alike.sum();
        if common.norm() > 0.0 {
            let turn = common.conj() / common.norm();
            for point in points {
                *point *= turn;
            }
        }
    }
    let n_known = (sent.len() / n_data) as f32;
    for (tone, weight) in weights.iter_mut().enumerate() {
        let pairs = || points.iter().skip(tone).step_by(n_data).zip(sent.iter().skip(tone).step_by(n_data));
        let alike: Complex32 = pairs().map(|(point, sent)| point * sent.conj()).sum();
        let power: f32 = pairs().map(|(_, sent)| sent.norm_sqr()).sum();
        let gain = (alike + TRUST) / (power + TRUST);
        let error: f32 = pairs().map(|(point, sent)| (point / gain - sent).norm_sqr()).sum();
        *weight = (n_known + TRUST) / (error + TRUST / *weight);
        points.iter_mut().skip(tone).step_by(n_data).for_each(|point| *point /= gain);
    }
}

/// The points of all symbols except the last, whose pad is unknown, from the scrambled DATA bits.
pub(super) fn sent(octets: &[u8], ppdu: Ppdu) -> Vec<Complex32> {
    let (mcs, n_known) = (ppdu.mcs(), ppdu.n_sym() - 1);
    let zero_then_data = [&[0], octets].concat();
    let mut sent = vec![Complex32::ZERO; n_known * mcs.n_data()];
    for (n, points) in sent.chunks_exact_mut(mcs.n_data()).enumerate() {
        map_symbol(&Coder::of(mcs).of_field(&zero_then_data, n), mcs.modulation(), points);
    }
    sent
}
