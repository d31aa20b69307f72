//! The stages of a received frame.

use super::sent::{ht_signal_bits, signal_bits};
use super::{Content, Stage, check_symbol, clause, frame, tones};
use crate::Table;
use crate::decode::Picked;
use crate::encode::SendError;
use crate::hex;
use jscc_phy::Complex32;
use jscc_phy::units::to_db;
use jscc_phy::wifi::convolve::{EncoderState, encode};
use jscc_phy::wifi::equalize::Smoothing;
use jscc_phy::wifi::ht_signal::HtSignal;
use jscc_phy::wifi::interleave::{deinterleave, interleave};
use jscc_phy::wifi::mcs::{Format, Mcs};
use jscc_phy::wifi::puncture::puncture;
use jscc_phy::wifi::receive::Frame;
use jscc_phy::wifi::transmit::data_bits;
use jscc_phy::wifi::{fcs, qam};

/// The stages of a received frame; those of DATA for its symbol `symbol`, counted from 0.
///
/// # Errors
/// [`SendError::Symbol`].
pub fn heard(picked: &Picked, symbol: usize) -> Result<Vec<Stage>, SendError> {
    let heard = &picked.frame;
    let (ppdu, mcs) = (heard.ppdu, heard.ppdu.mcs());
    check_symbol(ppdu, symbol)?;
    let gains = tones(&heard.channel.gain);
    let mut stages = vec![
        Stage::new(format!("Synchronisation of frame {}", picked.number), "17.3.3", Content::Facts(sync(picked))),
        Stage::new("Channel estimate", clause(ppdu, "17.3.3", "17.3.3, 19.3.9.4.6"), Content::Tones(gains)),
        signal_bits(ppdu),
    ];
    if mcs.format() == Format::Ht {
        // Sounding frames are refused, so only these can differ.
        let signal = HtSignal { ppdu, smoothing: Smoothing::Allowed, aggregation: heard.aggregation };
        stages.push(ht_signal_bits(signal));
    }
    stages.push(frame(ppdu, heard.scrambler.get()));
    let points = &heard.points[symbol * mcs.n_data()..(symbol + 1) * mcs.n_data()];
    let hard = qam::slice(points, mcs.modulation());
    let carriers = mcs.data_tones().iter().copied().zip(points.iter().copied()).collect();
    let scrambled = data_bits(&heard.psdu, mcs, heard.scrambler);
    let bits = scrambled[symbol * mcs.n_dbps()..(symbol + 1) * mcs.n_dbps()].to_vec();
    let of_symbol = |what: &str| format!("{what}, DATA symbol {symbol}");
    let at = |non_ht, ht| clause(ppdu, non_ht, ht);
    stages.extend([
        Stage::new(
            "Quality of each DATA symbol",
            at("17.3.9.7", "19.3.18.7"),
            Content::Table(quality(heard, &scrambled)),
        ),
        Stage::new(of_symbol("Equalised points"), at("17.3.5.8", "19.3.11.9"), Content::Tones(carriers)),
        Stage::new(of_symbol("Nearest points' bits"), at("17.3.5.8", "19.3.11.9"), Content::Bits(hard.clone())),
        Stage::new(of_symbol("Deinterleaved"), at("17.3.5.7", "19.3.11.8"), Content::Bits(deinterleave(&hard, mcs))),
        Stage::new(of_symbol("Decoded, still scrambled"), "17.3.5.6", Content::Bits(bits)),
        Stage::new("PSDU, descrambled", "17.3.5.5", Content::Octets(heard.psdu.clone())),
        Stage::new("Frame check sequence", "9.2.4.8", Content::Facts(check(&heard.psdu))),
    ]);
    Ok(stages)
}

fn sync(picked: &Picked) -> Vec<(&'static str, String)> {
    let note = &picked.found.note;
    vec![
        ("first sample", note.start.to_string()),
        ("samples", note.count.to_string()),
        ("frequency offset", format!("{:.0} Hz", note.cfo_hz)),
        ("SNR", format!("{:.1} dB", note.snr_db)),
        ("EVM", format!("{:.1} dB", picked.found.evm_db)),
        ("first points", first(&picked.frame.points)),
    ]
}

fn first(points: &[Complex32]) -> String {
    let points: Vec<String> = points.iter().take(4).map(|p| format!("{:+.3}{:+.3}j", p.re, p.im)).collect();
    points.join(", ") + ", …"
}

/// EVM of each symbol, and the number of its hard decisions that differ from the re-encoded bits.
fn quality(heard: &Frame, scrambled: &[u8]) -> Table {
    let mcs = heard.ppdu.mcs();
    let sent = interleave(&puncture(&encode(scrambled, EncoderState::default()), mcs.code_rate()), mcs);
    let symbols = heard.points.chunks_exact(mcs.n_data()).zip(sent.chunks_exact(mcs.n_cbps()));
    let rows = symbols.enumerate().map(|(n, (points, sent))| {
        let hard = qam::slice(points, mcs.modulation());
        let wrong = hard.iter().zip(sent).filter(|(hard, sent)| hard != sent).count();
        vec![n.to_string(), format!("{:.1}", evm_db(points, mcs)), wrong.to_string(), mcs.n_cbps().to_string()]
    });
    let headers = ["symbol", "EVM, dB", "coded bits corrected", "of"].map(str::to_owned).to_vec();
    Table { headers, rows: rows.collect() }
}

/// Mean squared distance to the nearest points of the constellation, in dB relative to its power.
fn evm_db(points: &[Complex32], mcs: Mcs) -> f64 {
    let ideal = qam::constellation(mcs.modulation());
    let error = |x: &Complex32| f64::from((x - ideal[qam::nearest(*x, mcs.modulation())]).norm_sqr());
    to_db(points.iter().map(error).sum::<f64>() / points.len() as f64)
}

fn check(psdu: &[u8]) -> Vec<(&'static str, String)> {
    let Some((frame, received)) = psdu.split_last_chunk::<{ fcs::N_FCS }>() else {
        return vec![("received", "the PSDU is too short to have one".to_owned())];
    };
    let computed = fcs::fcs(frame);
    let verdict = if computed == *received { "right" } else { "wrong" };
    vec![("received", hex::encode(received)), ("computed", hex::encode(&computed)), ("verdict", verdict.to_owned())]
}
