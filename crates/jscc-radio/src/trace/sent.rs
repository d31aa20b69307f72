//! The stages of a frame to send.

use super::{Content, Stage, check_symbol, clause, frame, tones};
use crate::encode::{SendError, Sending};
use jscc_phy::Complex32;
use jscc_phy::bits::to_bits;
use jscc_phy::wifi::convolve::{EncoderState, encode};
use jscc_phy::wifi::ht_signal::HtSignal;
use jscc_phy::wifi::interleave::interleave;
use jscc_phy::wifi::mcs::{Format, Mcs};
use jscc_phy::wifi::ofdm::{N_SYMBOL, pilots, spectrum};
use jscc_phy::wifi::preamble::N_FIELD;
use jscc_phy::wifi::puncture::puncture;
use jscc_phy::wifi::transmit::data_bits;
use jscc_phy::wifi::{N_SERVICE, Ppdu, qam};

/// The stages of a frame to send; those of DATA for its symbol `symbol`, counted from 0.
///
/// # Errors
/// [`SendError::Symbol`].
pub fn sent(sending: &Sending, symbol: usize) -> Result<Vec<Stage>, SendError> {
    let ppdu = sending.ppdu();
    check_symbol(ppdu, symbol)?;
    let samples = sending.samples();
    let mut stages = vec![
        frame(ppdu, sending.scrambler().get()),
        Stage::new("PSDU", "17.3.2", Content::Octets(sending.psdu().to_vec())),
        Stage::new("Short training field", "17.3.3", Content::Samples(samples[..N_FIELD].to_vec())),
        Stage::new("Long training field", "17.3.3", Content::Samples(samples[N_FIELD..2 * N_FIELD].to_vec())),
    ];
    signal(ppdu, &mut stages);
    let at = 2 * N_FIELD;
    stages.push(Stage::new("SIGNAL, samples", "17.3.5.10", Content::Samples(samples[at..at + N_SYMBOL].to_vec())));
    if ppdu.mcs().format() == Format::Ht {
        ht_signal(ppdu, &samples, &mut stages);
    }
    data(sending, symbol, &mut stages);
    let at = ppdu.n_header() + symbol * ppdu.n_symbol_samples();
    let body = samples[at..at + ppdu.n_symbol_samples()].to_vec();
    let clause = clause(ppdu, "17.3.5.10", "19.3.11.11");
    stages.push(Stage::new(format!("Samples of DATA symbol {symbol}"), clause, Content::Samples(body)));
    Ok(stages)
}

pub(super) fn signal_bits(ppdu: Ppdu) -> Stage {
    let (name, clause) = match ppdu.mcs().format() {
        Format::NonHt => ("SIGNAL: RATE, reserved, LENGTH, parity, tail", "17.3.4"),
        Format::Ht => ("L-SIG: RATE, reserved, LENGTH, parity, tail", "19.3.9.3.5"),
    };
    Stage::new(name, clause, Content::Bits(ppdu.signal().to_bits().to_vec()))
}

pub(super) fn ht_signal_bits(signal: HtSignal) -> Stage {
    Stage::new("HT-SIG, with CRC and tail", "19.3.9.4.3", Content::Bits(signal.to_bits().to_vec()))
}

fn signal(ppdu: Ppdu, stages: &mut Vec<Stage>) {
    let signal = ppdu.signal();
    let coded = encode(&signal.to_bits(), EncoderState::default());
    let sent = interleave(&coded, Mcs::SIGNAL);
    let points = tones(&spectrum(&signal.to_points(), pilots(0)));
    stages.extend([
        signal_bits(ppdu),
        Stage::new("SIGNAL, encoded", "17.3.5.6", Content::Bits(coded)),
        Stage::new("SIGNAL, interleaved", "17.3.5.7", Content::Bits(sent)),
        Stage::new("SIGNAL, subcarriers with pilots", "17.3.5.8, 17.3.5.9", Content::Tones(points)),
    ]);
}

fn ht_signal(ppdu: Ppdu, samples: &[Complex32], stages: &mut Vec<Stage>) {
    let signal = HtSignal::of(ppdu);
    let coded = encode(&signal.to_bits(), EncoderState::default());
    let at = 2 * N_FIELD + N_SYMBOL;
    let training = at + 2 * N_SYMBOL;
    stages.extend([
        ht_signal_bits(signal),
        Stage::new("HT-SIG, interleaved", "19.3.9.4.3", Content::Bits(interleave(&coded, Mcs::SIGNAL))),
        Stage::new("HT-SIG, samples", "19.3.9.4.3", Content::Samples(samples[at..training].to_vec())),
        Stage::new(
            "HT short training field",
            "19.3.9.4.5",
            Content::Samples(samples[training..training + N_SYMBOL].to_vec()),
        ),
        Stage::new(
            "HT long training field",
            "19.3.9.4.6",
            Content::Samples(samples[training + N_SYMBOL..ppdu.n_header()].to_vec()),
        ),
    ]);
}

/// The DATA field before the scrambler: SERVICE, PSDU, tail and pad.
fn unscrambled(ppdu: Ppdu, psdu: &[u8]) -> Vec<u8> {
    let mut bits = vec![0; N_SERVICE];
    bits.extend(to_bits(psdu));
    bits.resize(ppdu.n_sym() * ppdu.mcs().n_dbps(), 0);
    bits
}

fn data(sending: &Sending, symbol: usize, stages: &mut Vec<Stage>) {
    let (ppdu, mcs) = (sending.ppdu(), sending.ppdu().mcs());
    let scrambled = data_bits(sending.psdu(), mcs, sending.scrambler());
    let bits = mcs.n_dbps();
    let coded = encode(&scrambled, EncoderState::default());
    let coded = coded[2 * symbol * bits..2 * (symbol + 1) * bits].to_vec();
    let sent = puncture(&coded, mcs.code_rate());
    let interleaved = interleave(&sent, mcs);
    let points = qam::map(&interleaved, mcs.modulation());
    let carriers = tones(&spectrum(&points, ppdu.pilots(symbol)));
    let of_symbol = |what: &str| format!("{what}, DATA symbol {symbol}");
    let in_symbol = scrambled[symbol * bits..(symbol + 1) * bits].to_vec();
    let whole = unscrambled(ppdu, sending.psdu());
    let at = |non_ht, ht| clause(ppdu, non_ht, ht);
    stages.extend([
        Stage::new("DATA: SERVICE, PSDU, tail, pad", at("17.3.5.2 to 17.3.5.4", "19.3.11.3"), Content::Bits(whole)),
        Stage::new("DATA, scrambled, tail zero again", "17.3.5.5, 17.3.5.3", Content::Bits(scrambled)),
        Stage::new(of_symbol("Scrambled"), "17.3.5.5", Content::Bits(in_symbol)),
        Stage::new(of_symbol("Encoded"), "17.3.5.6", Content::Bits(coded)),
        Stage::new(of_symbol("Punctured"), at("17.3.5.6", "19.3.11.6"), Content::Bits(sent)),
        Stage::new(of_symbol("Interleaved"), at("17.3.5.7", "19.3.11.8"), Content::Bits(interleaved)),
        Stage::new(
            of_symbol("Subcarriers with pilots"),
            at("17.3.5.8, 17.3.5.9", "19.3.11.9, 19.3.11.10"),
            Content::Tones(carriers),
        ),
    ]);
}
