//! SIGNAL and HT-SIG from any bits and from any points. What can be read is what would be written.

use crate::Seeds;
use crate::input::{Input, Noise};
use jscc_phy::Complex32;
use jscc_phy::wifi::ht_signal::HtSignal;
use jscc_phy::wifi::mcs::Format;
use jscc_phy::wifi::signal::Signal;
use jscc_phy::wifi::{Mcs, Ppdu};

/// Bits of HT-SIG before its check sequence.
const N_CHECKED: usize = 34;

/// What can be read round trips.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let kind = input.u8();
    match kind % 4 {
        0 => bits(&mut input, kind & 0x80 == 0),
        1 => ht_bits(&mut input, kind & 0x80 == 0),
        2 => points(&mut input),
        _ => ht_points(&mut input),
    }
}

fn word<const N: usize>(input: &mut Input) -> [u8; N] {
    let word = input.u64();
    std::array::from_fn(|i| (word >> i & 1) as u8)
}

fn bits(input: &mut Input, is_sealed: bool) {
    let mut bits = word::<24>(input);
    if is_sealed {
        bits[17] = bits[..17].iter().sum::<u8>() % 2;
        bits[18..].fill(0);
    }
    if let Ok(signal) = Signal::from_bits(&bits) {
        assert_eq!(signal.to_bits(), bits);
        check_signal(signal);
    }
}

fn check_signal(signal: Signal) {
    assert_eq!(signal.mcs().format(), Format::NonHt);
    assert_eq!(Signal::from_bits(&signal.to_bits()), Ok(signal));
    assert_eq!(Signal::from_points(&signal.to_points(), &[1.0; 48]), Ok(signal));
    let ppdu = Ppdu::long_guard(signal.mcs(), signal.length());
    assert_eq!(ppdu.signal(), signal);
    assert_eq!(ppdu.n_sym(), signal.n_sym());
}

fn ht_bits(input: &mut Input, is_sealed: bool) {
    let mut bits = word::<48>(input);
    if is_sealed {
        seal(&mut bits);
    }
    if let Ok(signal) = HtSignal::from_bits(&bits) {
        // "Not sounding" and the reserved bit are not kept.
        (bits[25], bits[26]) = (1, 1);
        seal(&mut bits);
        assert_eq!(signal.to_bits(), bits);
        check_ht_signal(signal);
    }
}

fn check_ht_signal(signal: HtSignal) {
    let ppdu = signal.ppdu;
    assert_eq!(ppdu.mcs().format(), Format::Ht);
    assert_eq!(HtSignal::from_bits(&signal.to_bits()), Ok(signal));
    assert_eq!(HtSignal::from_points(&signal.to_points(), &[1.0; 96]), Ok(signal));
    assert_eq!(Ppdu::new(ppdu.mcs(), ppdu.guard(), ppdu.length()), Ok(ppdu));
    assert_eq!(ppdu.signal().mcs(), Mcs::SIGNAL);
}

/// Makes the check sequence and the tail right: the remainder of the first 34 bits, 19.3.9.4.4.
pub(crate) fn seal(bits: &mut [u8; 48]) {
    let (checked, rest) = bits.split_at_mut(N_CHECKED);
    let register = checked.iter().fold(0xff_u8, |register, &bit| {
        let feedback = (register >> 7 ^ bit) & 1;
        (register << 1) ^ (feedback * 0b111)
    });
    rest.fill(0);
    (0..8).for_each(|i| rest[i] = !register >> (7 - i) & 1);
}

fn points(input: &mut Input) {
    let (points, weights) = numbers::<48>(input);
    if let Ok(signal) = Signal::from_points(&points, &weights) {
        check_signal(signal);
    }
}

fn ht_points(input: &mut Input) {
    let (points, weights) = numbers::<96>(input);
    if let Ok(signal) = HtSignal::from_points(&points, &weights) {
        check_ht_signal(signal);
    }
}

/// Points of some field with any scale and weight, a few of them any numbers.
fn numbers<const N: usize>(input: &mut Input) -> (Vec<Complex32>, [f32; N]) {
    let (how, scale, weight) = (input.u8(), input.f32(), input.f32());
    let mut points = if how & 1 == 0 {
        let mut noise = Noise(how.into());
        (0..N).map(|_| Complex32::new(noise.f32(), noise.f32())).collect()
    } else if N == 48 {
        Signal::new(Mcs::NON_HT[input.below(8)], 1 + input.below(4095)).to_points()
    } else {
        HtSignal::of(Ppdu::long_guard(Mcs::HT[input.below(8)], 1 + input.below(4095))).to_points()
    };
    points.iter_mut().for_each(|point| *point *= scale);
    let mut weights = [weight; N];
    while !input.is_empty() {
        let at = usize::from(input.u8());
        match at / N {
            0 => points[at % N].re = input.f32(),
            1 => points[at % N].im = input.f32(),
            _ => weights[at % N] = input.f32(),
        }
    }
    (points, weights)
}

/// One or two of each kind.
pub fn seeds() -> Seeds {
    let mut seeds: Seeds = Vec::new();
    let word = |bits: &[u8]| bits.iter().rev().fold(0u64, |word, &bit| word << 1 | u64::from(bit)).to_le_bytes();
    for mcs in Mcs::ALL {
        let ppdu = Ppdu::long_guard(mcs, 1000);
        let (kind, word) = match mcs.format() {
            Format::NonHt => (0, word(&ppdu.signal().to_bits())),
            Format::Ht => (1, word(&HtSignal::of(ppdu).to_bits())),
        };
        seeds.extend([kind, kind | 0x80].map(|kind| [&[kind], &word[..]].concat()));
    }
    for kind in [2, 3] {
        for (scale, weight) in [(1.0f32, 1.0f32), (1e-3, 1e6), (1e30, 1e30), (1e-20, 1e-10), (f32::NAN, f32::INFINITY)]
        {
            for how in [0, 1] {
                let head = [&[kind, how], &scale.to_le_bytes()[..], &weight.to_le_bytes(), &[3, 0, 77, 1]].concat();
                seeds.push([&head[..], &[5], &f32::NAN.to_le_bytes(), &[55], &1e10f32.to_le_bytes()].concat());
            }
        }
    }
    seeds
}
