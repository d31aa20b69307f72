//! Every kernel against an exact reference, and the loss of five bits against single precision.

use proptest::prelude::*;

use super::*;

const Q: i32 = SOFT_MAX as i32;

/// Decodes on every kernel of this machine, which must agree; one octet per bit.
fn decode(soft: &[i8], start: EncoderState, end: End) -> Vec<u8> {
    let decoded: Vec<_> = Kernel::available().map(|k| Decoder::with(k).decode(soft, start, end).to_vec()).collect();
    for (other, kernel) in decoded.iter().zip(Kernel::available()) {
        assert_eq!(&decoded[0], other, "{}", kernel.name());
    }
    unpack(&decoded[0], soft.len() / 2)
}

fn unpack(octets: &[u8], n_bits: usize) -> Vec<u8> {
    assert_eq!(octets.len(), n_bits.div_ceil(8));
    let mut bits: Vec<u8> = octets.iter().flat_map(|octet| (0..8).map(move |i| octet >> i & 1)).collect();
    assert!(bits[n_bits..].iter().all(|&unused| unused == 0));
    bits.truncate(n_bits);
    bits
}

fn encode(bits: &[u8], start: EncoderState) -> Vec<u8> {
    let mut state = start;
    let mut coded = Vec::new();
    for &bit in bits {
        coded.extend(state.output(bit));
        state = EncoderState(state.0 >> 1 | bit << 5);
    }
    coded
}

fn soft(coded: &[u8]) -> Vec<i8> {
    coded.iter().map(|&c| if c == 0 { SOFT_MAX } else { -SOFT_MAX }).collect()
}

/// The textbook decoder, exact in any number type.
fn reference<T>(soft: &[T], start: EncoderState, end: End) -> Vec<u8>
where
    T: Copy + Default + PartialOrd + std::ops::Add<Output = T> + std::ops::Neg<Output = T>,
{
    let max = |a: T, b: T| if a > b { a } else { b };
    let mut metrics = [None; N_STATES];
    metrics[start.0 as usize] = Some(T::default());
    let mut from = Vec::new();
    for pair in soft.chunks_exact(2) {
        let branch = |state: usize, input: usize| {
            let cost = |(bit, &x): (u8, &T)| max(if bit == 0 { -x } else { x }, T::default());
            let output = EncoderState(state as u8).output(input as u8);
            metrics[state].map(|m| m + cost((output[0], &pair[0])) + cost((output[1], &pair[1])))
        };
        let step: [_; N_STATES] = std::array::from_fn(|state| {
            let input = state >> 5;
            let straight = state << 1 & 63 | input;
            let (stay, swap) = (branch(straight, input), branch(straight ^ 1, input));
            match (stay, swap) {
                (Some(a), Some(b)) if b < a => (swap, straight ^ 1),
                (None, Some(_)) => (swap, straight ^ 1),
                _ => (stay, straight),
            }
        });
        metrics = step.map(|(metric, _)| metric);
        from.push(step.map(|(_, from)| from));
    }
    let better = |a: usize, b: usize| match (metrics[a], metrics[b]) {
        (Some(x), Some(y)) if y < x => b,
        (None, Some(_)) => b,
        _ => a,
    };
    let mut state = if end == End::Zero { 0 } else { (0..N_STATES).reduce(better).unwrap() };
    let mut bits: Vec<u8> = Vec::new();
    for from in from.iter().rev() {
        bits.push((state >> 5) as u8);
        state = from[state];
    }
    bits.reverse();
    bits
}

/// The cost of a path that begins in `start` and, if required, ends in zero.
fn path_cost(bits: &[u8], soft: &[i8], start: EncoderState, end: End) -> i32 {
    if end == End::Zero {
        assert!(bits[bits.len() - 6..].iter().all(|&bit| bit == 0), "the path ends in zero");
    }
    let contradicts = |(c, &x): (&u8, &i8)| if (*c == 1) == (x < 0) { 0 } else { i32::from(x).abs() };
    encode(bits, start).iter().zip(soft).map(contradicts).sum()
}

/// Asserts that the decoded path has the cost of the exact decoder's. Among equally good paths they may differ.
fn assert_best(soft: &[i8], start: EncoderState, end: End) {
    let exact: Vec<i32> = soft.iter().map(|&x| i32::from(x)).collect();
    let (found, best) = (decode(soft, start, end), reference(&exact, start, end));
    assert_eq!(path_cost(&found, soft, start, end), path_cost(&best, soft, start, end));
}

/// Soft bits: uniform, extreme only, mostly erased, or a codeword with noise.
fn any_soft() -> impl Strategy<Value = Vec<i8>> {
    let pairs = |value: BoxedStrategy<i8>| {
        prop::collection::vec([value.clone(), value], 0..2000).prop_map(|pairs| pairs.as_flattened().to_vec())
    };
    let noisy = prop::collection::vec((0u8..2, -20i8..=20, -20i8..=20), 0..2000).prop_map(|steps| {
        let bits: Vec<u8> = steps.iter().map(|step| step.0).collect();
        let noise = steps.iter().flat_map(|step| [step.1, step.2]);
        let coded = soft(&encode(&bits, EncoderState(21)));
        coded.iter().zip(noise).map(|(c, n)| (c / 2 + n).clamp(-SOFT_MAX, SOFT_MAX)).collect()
    });
    prop_oneof![
        pairs((-SOFT_MAX..=SOFT_MAX).boxed()),
        pairs(prop::sample::select(vec![-SOFT_MAX, SOFT_MAX]).boxed()),
        pairs(prop_oneof![9 => Just(0i8), 1 => -SOFT_MAX..=SOFT_MAX].boxed()),
        noisy,
    ]
}

proptest! {
    #[test]
    fn undoes_the_encoder(bits in prop::collection::vec(0u8..2, 0..400), start in 0u8..64) {
        let start = EncoderState(start);
        prop_assert_eq!(decode(&soft(&encode(&bits, start)), start, End::Open), bits);
    }

    /// Free distance 10: any four wrong coded bits, far enough from the open end, are corrected.
    #[test]
    fn corrects_four_errors(
        mut bits in prop::collection::vec(0u8..2, 60..200),
        wrong in prop::collection::vec(0usize..100, 4),
    ) {
        let n = bits.len();
        bits[n - 6..].fill(0);
        let mut soft = soft(&encode(&bits, EncoderState::default()));
        for at in wrong {
            soft[at] = -soft[at];
        }
        prop_assert_eq!(decode(&soft, EncoderState::default(), End::Zero), bits);
    }

    /// No overflow, no unreached state that wins, no misplaced lane: the best path, the same on every kernel.
    #[test]
    fn is_as_good_as_the_reference(soft in any_soft(), start in 0u8..64, open: bool) {
        let (start, end) = (EncoderState(start), if open { End::Open } else { End::Zero });
        // No path leads from some starts to zero in fewer than six steps.
        prop_assume!(open || soft.len() >= 12);
        assert_best(&soft, start, end);
    }

    /// The search is exact: no other path of a short trellis has a better correlation.
    #[test]
    fn finds_the_best_path(soft_bits in prop::collection::vec(-SOFT_MAX..=SOFT_MAX, 20)) {
        let correlate = |bits: &[u8]| -> i32 {
            let coded = soft(&encode(bits, EncoderState::default()));
            coded.iter().zip(&soft_bits).map(|(&c, &x)| i32::from(c) * i32::from(x)).sum()
        };
        let word = |word: u32| (0..10).map(|i| (word >> i & 1) as u8).collect::<Vec<_>>();
        let best = (0..1 << 10).map(|w| correlate(&word(w))).max();
        prop_assert_eq!(Some(correlate(&decode(&soft_bits, EncoderState::default(), End::Open))), best);
    }
}

/// A path that stays good while all others become as bad as possible, at the extremes of every step and length.
#[test]
fn metrics_keep_the_largest_spread() {
    for n in 0..200 {
        for period in 1..=13 {
            let soft: Vec<i8> = (0..2 * n).map(|i| if i / period % 2 == 0 { SOFT_MAX } else { -SOFT_MAX }).collect();
            assert_best(&soft, EncoderState((n * 7 % 64) as u8), End::Open);
        }
    }
}

#[test]
fn one_decoder_decodes_frames_of_any_length_in_turn() {
    let mut decoder = Decoder::new();
    for n_bits in [500, 3, 0, 1200, 77] {
        let bits: Vec<u8> = (0..n_bits).map(|i| (i * i / 3 % 2) as u8).collect();
        let coded = soft(&encode(&bits, EncoderState::default()));
        assert_eq!(unpack(decoder.decode(&coded, EncoderState::default(), End::Open), n_bits), bits);
    }
}

#[test]
#[should_panic(expected = "soft bits come in pairs, got 3")]
fn soft_bits_come_in_pairs() {
    Decoder::new().decode(&[1, 2, 3], EncoderState::default(), End::Open);
}

#[test]
#[should_panic(expected = "a soft bit of ±16, beyond ±15")]
fn soft_bits_are_within_their_range() {
    Decoder::new().decode(&[1, -16], EncoderState::default(), End::Open);
}

/// xorshift64*, and normal deviates from it by Box and Muller.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Bit error rates of BPSK at rate 1/2, in five bits and in single precision, on the same noise.
fn error_rates(snr_db: f64, n_bits: usize) -> (f64, f64) {
    let sigma = (0.5 / 10f64.powf(snr_db / 10.0)).sqrt();
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let bits: Vec<u8> = (0..n_bits).map(|_| u8::from(noise.uniform() < 0.5)).collect();
    let start = EncoderState::default();
    let received: Vec<f32> =
        encode(&bits, start).iter().map(|&c| (1.0 - 2.0 * f64::from(c) + sigma * noise.normal()) as f32).collect();
    // The mean at a third of full scale.
    let quantised: Vec<i8> = received.iter().map(|x| (x * Q as f32 / 3.0).round().clamp(-15.0, 15.0) as i8).collect();
    let rate = |decoded: &[u8]| decoded.iter().zip(&bits).filter(|(a, b)| a != b).count() as f64 / n_bits as f64;
    let five = unpack(Decoder::new().decode(&quantised, start, End::Open), n_bits);
    (rate(&five), rate(&reference(&received, start, End::Open)))
}

/// The loss of five bits, in dB: the rise in error rate over the slope of the curve.
#[test]
fn five_bits_lose_less_than_a_tenth_of_a_decibel() {
    let (lower_snr, higher_snr) = (-1.5, -0.5);
    let (quantised, exact) = error_rates(lower_snr, 150_000);
    let (quantised_higher, exact_higher) = error_rates(higher_snr, 150_000);
    assert!(exact_higher > 5e-4 && exact < 5e-2, "{exact} {exact_higher}");
    let slope = (exact / exact_higher).ln() / (higher_snr - lower_snr);
    for (quantised, exact) in [(quantised, exact), (quantised_higher, exact_higher)] {
        let loss = (quantised / exact).ln() / slope;
        assert!(loss < 0.1, "{loss} dB");
    }
}
