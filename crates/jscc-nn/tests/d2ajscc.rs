//! D2AJSCC's stages: each learns what it should and nothing else, over a true link.

use jscc_nn::compute::Compute;
use jscc_nn::method::{ChannelState, Method, Source, Task};
use jscc_nn::methods::d2ajscc::{Config, D2aJscc, fidelity};
use jscc_nn::objective::Objective;
use jscc_nn::tell::Tell;
use jscc_nn::train::{Pictures, Plan, Schedule, Stage, Trainer, Training, Turn};
use jscc_nn::zoo;
use jscc_phy::Complex32;
use jscc_phy::channel::{Chain, Channel};
use jscc_phy::emulation::Inversion;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::emulation::waveform::{Tones, WaveformEmulator};
use jscc_phy::link::{
    Aim, AirTime, Delivery, Hand, Heard, Link, Power, Receive, Reception, Transmission, Waveform, WaveformConfig,
};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::Mcs;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

const K: usize = 12;
/// Pictures per frame.
const IMAGES: usize = 10;
const N_PIXELS: usize = 784;

fn link(hand: Hand) -> Waveform {
    let config = WaveformConfig {
        mcs: Mcs::M54,
        inversion: Inversion::Exact,
        tones: Tones::Contiguous,
        shaping: Shaping::default(),
        aim: Aim::Waveform,
        framing: Framing::Bare,
        receive: Receive::Bits,
        hand,
        reception: Reception::Aided,
        air: Chain::new(Channel::Awgn, vec![]),
        power: Power::Card,
        images_per_frame: IMAGES,
        scale: None,
    };
    Waveform::new(config, K).expect("fits")
}

/// Squares of random places and sizes.
fn pictures(n: usize) -> Vec<f32> {
    let mut rng = stream(3, "pictures", 0);
    let mut pixels = Vec::with_capacity(n * N_PIXELS);
    for _ in 0..n {
        let (row, column, side) = (rng.random_range(2..16), rng.random_range(2..16), rng.random_range(3..10));
        let inside = |at: usize, from: usize| (from..from + side).contains(&at);
        pixels.extend((0..N_PIXELS).map(|i| f32::from(u8::from(inside(i / 28, row) && inside(i % 28, column)))));
    }
    pixels
}

/// A term, and for the third stage's ways to a gradient a little of the compensation's error.
fn objective(term: &str) -> Objective {
    let third = ["proxy", "guide", "surrogate"].contains(&term).then(|| ("compensate".to_owned(), 0.01));
    Objective::new([(term.to_owned(), 1.0)].into_iter().chain(third))
}

fn plan(term: &str, learns: &[&str], epochs: usize) -> Plan {
    let learns = learns.iter().map(|&part| part.to_owned()).collect();
    let stage = Stage {
        name: "only".to_owned(),
        epochs,
        learning_rate: 2e-3,
        schedule: Schedule::Constant,
        warmup: 0,
        snr_db: [20.0, 20.0],
        tell: Tell::True,
        objective: Objective::of_task(Task::Recover),
        turns: vec![Turn { learns, objective: objective(term), steps: 1 }],
        max_norm: None,
        average: None,
        patience: None,
    };
    Plan {
        config: serde_json::Value::Null,
        source: Source::MNIST,
        task: Task::Recover,
        k: K,
        seed: 5,
        n_images: 40,
        batch: 20,
        stages: vec![stage],
    }
}

/// Losses step by step, and the weights before and after.
fn train(plan: Plan) -> (Vec<f64>, Vec<u8>, Vec<u8>) {
    let (x, link) = (pictures(plan.n_images), link(Hand::Waveform));
    let mut trainer = Trainer::<D2aJscc>::new(plan, Compute::Cpu);
    let (begun, mut losses) = (trainer.weights(None), Vec::new());
    while !trainer.is_done() {
        let step = trainer.advance(Pictures { pixels: &x, labels: &[] }, &link).expect("finite numbers");
        losses.push(step.loss);
        if step.epoch_done {
            trainer.end_epoch(0.0);
        }
    }
    (losses, begun, trainer.weights(None))
}

/// Parts any tensor of which differs.
fn changed(before: &[u8], after: &[u8]) -> Vec<&'static str> {
    let files = [before, after].map(|bytes| safetensors::SafeTensors::deserialize(bytes).expect("weights"));
    let [before, after] = &files;
    let data = |file: &safetensors::SafeTensors, name: &str| file.tensor(name).expect("there").data().to_vec();
    let differs = |part: &str| {
        let of_part = before.names().into_iter().filter(|name| name.starts_with(&format!("{part}.")));
        of_part.into_iter().any(|name| data(before, name) != data(after, name))
    };
    D2aJscc::CARD.parts.iter().copied().filter(|part| differs(part)).collect()
}

#[test]
fn each_stage_learns_its_part() {
    let codec = ["encoder", "decoder", "compensation"];
    for (term, learns) in [
        ("compensate", &["compensation"][..]),
        ("imitate", &["proxy"]),
        ("recover", &codec),
        ("proxy", &codec),
        ("guide", &codec),
        ("surrogate", &codec),
    ] {
        let (losses, begun, trained) = train(plan(term, learns, 15));
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let (first, last) = (mean(&losses[..2]), mean(&losses[losses.len() - 4..]));
        assert!(last < 0.9 * first, "{term}: {first} falls to {last} only");
        assert_eq!(changed(&begun, &trained), learns, "{term}");
    }
}

#[test]
fn a_codec_of_the_ideal_radio_is_a_start_and_its_other_parts_are_new() {
    let start = (zoo::named("deepjscc").expect("in the list").begin)(
        Plan { seed: 77, ..plan("recover", &[], 1) },
        Compute::Cpu,
        None,
    );
    let start = start.expect("no weights to read").weights(None);
    let plan = plan("compensate", &["compensation"], 1);
    let begun =
        Trainer::<D2aJscc>::from_weights(plan.clone(), Compute::Cpu, &start).expect("its parts fit").weights(None);
    let fresh = Trainer::<D2aJscc>::new(plan, Compute::Cpu).weights(None);
    assert_eq!(changed(&begun, &fresh), ["encoder", "decoder"]);
    let [codec, of_start] = [&begun, &start].map(|weights| zoo::load(weights, Compute::Cpu));
    let (codec, of_start) = (codec.expect("weights"), of_start.expect("weights"));
    assert_eq!((codec.card().name, of_start.card().name), ("d2ajscc", "deepjscc"));
    let x = pictures(3);
    let unknown = ChannelState::default();
    assert_eq!(codec.encode(&x, &unknown), of_start.encode(&x, &unknown));
}

#[test]
fn who_accepts_what() {
    let (symbols, waveform) = (link(Hand::Symbols).delivers(), link(Hand::Waveform).delivers());
    let accepts = |name, delivery| {
        let entry = zoo::named(name).expect("in the list");
        (entry.accepts)(&serde_json::Value::Null, delivery)
    };
    assert!(accepts("deepjscc", symbols) && !accepts("deepjscc", waveform));
    assert!(!accepts("d2ajscc", symbols) && accepts("d2ajscc", waveform));
    let Delivery::Waveform { shaping, images, samples } = waveform else { panic!("{waveform:?}") };
    let other = Shaping { roll_off: 0.25, ..shaping };
    let other = Delivery::Waveform { shaping: other, images, samples };
    assert!(!accepts("d2ajscc", other));
    let mut config = Config::default();
    config.frame.shaping.roll_off = 0.25;
    assert!(D2aJscc::accepts(&config, other) && !D2aJscc::accepts(&config, waveform));
}

/// The last frame of a set has fewer pictures; the others are silence.
#[test]
fn a_frame_that_is_not_full_gives_the_pictures_that_are_there() {
    let codec = Trainer::<D2aJscc>::new(plan("compensate", &["compensation"], 1), Compute::Cpu).codec();
    let (link, x) = (link(Hand::Waveform), pictures(3));
    let air = link.draw(3, codec.k(), Snr::per_symbol(30.0), stream(1, "air", 0));
    let heard = air.carry(&codec.encode(&x, &ChannelState::default()).z).expect("aided").values;
    let per_image = link.delivers().per_image(K);
    assert_eq!(heard.len(), IMAGES * per_image);
    assert_eq!(codec.decode_heard(&heard, per_image, &ChannelState::default()).pixels.len(), IMAGES * N_PIXELS);
}

/// At 40 dB bits arrive whole: nothing is left to chance, and the identity's gradient is that of the link but for rounding.
#[test]
fn fidelity_knows_the_identity_from_a_stranger() {
    let weights = Trainer::<D2aJscc>::new(plan("compensate", &["compensation"], 1), Compute::Cpu).weights(None);
    let probe = fidelity::Probe { snr_db: 40.0, pairs: 40, seed: 1 };
    let found = fidelity::measure(&weights, &link(Hand::Waveform), &pictures(IMAGES), probe).expect("weights");
    assert!(found.chance_db < -100.0, "{found:?}");
    assert!(found.straight.cosine > 0.3 && found.straight.cosine > found.proxy.cosine, "{found:?}");
    // Chance in the estimate makes a cosine smaller than it is: it is divided out.
    assert!((0.1..1.0).contains(&found.reliability), "{found:?}");
    for likeness in [found.proxy, found.guide, found.straight] {
        assert!((likeness.corrected * found.reliability - likeness.cosine).abs() < 1e-12, "{found:?}");
    }
}

/// A link without rounding or noise: the waveform as it was meant.
struct Perfect(WaveformEmulator);

struct Untouched<'a>(&'a WaveformEmulator, Vec<f32>);

impl Link for Perfect {
    fn images_per_frame(&self) -> usize {
        IMAGES
    }

    fn air_time(&self) -> Option<AirTime> {
        None
    }

    fn delivers(&self) -> Delivery {
        Delivery::Waveform { shaping: Shaping::default(), images: IMAGES, samples: self.0.n_samples() }
    }

    fn draw(&self, images: usize, k: usize, _: Snr, _: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        Box::new(Untouched(&self.0, vec![0.0; images * k]))
    }
}

impl Transmission for Untouched<'_> {
    fn noise(&self) -> &[f32] {
        &self.1
    }

    fn carry(self: Box<Self>, z: &[Complex32]) -> Option<Heard> {
        let values = self.0.at_unit_energy(self.0.target(z));
        let noise = Some(vec![Complex32::ZERO; values.len()]);
        Some(Heard { values, gain: None, noise, energy: 0.0 })
    }
}

/// Where the link is the identity, so is its gradient: the estimate must find a likeness of nearly 1.
#[test]
fn fidelity_finds_the_identity_where_it_is() {
    let (mcs, tones) = (Mcs::M54, Tones::Contiguous);
    let emulator = WaveformEmulator::new(mcs, Framing::Bare, Inversion::Exact, tones, Shaping::default(), IMAGES * K)
        .expect("fits");
    let weights = Trainer::<D2aJscc>::new(plan("compensate", &["compensation"], 1), Compute::Cpu).weights(None);
    let probe = fidelity::Probe { snr_db: 40.0, pairs: 200, seed: 1 };
    let found = fidelity::measure(&weights, &Perfect(emulator), &pictures(IMAGES), probe).expect("weights");
    assert!((0.93..1.07).contains(&found.straight.corrected), "{found:?}");
    assert!(found.straight.cosine < found.straight.corrected && found.proxy.cosine < 0.7, "{found:?}");
}
