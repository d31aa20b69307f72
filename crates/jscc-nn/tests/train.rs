//! The codec and its training: power, gradients that teach, the same run after a break, whatever the thread count.

mod discs;

use discs::{N_PIXELS, Trainer, begin, pictures, plan, stage};
use jscc_nn::compute::Compute;
use jscc_nn::method::ChannelState;
use jscc_nn::objective::Objective;
use jscc_nn::train::{Pictures, Plan, Schedule, Stage, Training, Turn};
use jscc_phy::Complex32;
use jscc_phy::channel::{Chain, Channel};
use jscc_phy::emulation::Inversion;
use jscc_phy::emulation::layout::Framing;
use jscc_phy::emulation::room::Room;
use jscc_phy::link::{AirTime, Heard, Ideal, Link, Power, Receive, Reception, Transmission, Wifi, WifiConfig};
use jscc_phy::units::{Snr, mean_power};
use jscc_phy::wifi::Mcs;
use rand_chacha::ChaCha8Rng;

/// One step; an epoch that it ends gets a score that falls with the steps done, so that the first is the best.
fn advance(trainer: &mut Trainer, x: &[f32], link: &dyn Link) -> f64 {
    let step = trainer.advance(Pictures { pixels: x, labels: &[] }, link).expect("finite numbers");
    if step.epoch_done {
        trainer.end_epoch(-(trainer.place().step as f64));
    }
    step.loss
}

fn finish(mut trainer: Trainer, x: &[f32], link: &dyn Link) -> Trainer {
    while !trainer.is_done() {
        advance(&mut trainer, x, link);
    }
    trainer
}

/// Bits through aided frames of five pictures.
fn wifi(k: usize) -> Wifi {
    let config = WifiConfig {
        mcs: Mcs::M54,
        inversion: Inversion::Trellis,
        framing: Framing::Bare,
        receive: Receive::Bits,
        reception: Reception::Aided,
        air: Chain::new(Channel::Awgn, vec![]),
        power: Power::Card,
        images_per_frame: 5,
        spare: 0,
        room: Room::Erased,
        silence: 0.0,
        scale: None,
        mix: None,
    };
    Wifi::new(config, k).expect("fits")
}

#[test]
fn each_image_has_power_one_by_itself() {
    let codec = begin(&plan(16, 1)).codec();
    let x = pictures(20);
    let unknown = ChannelState::default();
    let z = codec.encode(&x, &unknown).z;
    assert_eq!(z.len(), 20 * 12);
    for z in z.chunks(12) {
        assert!((mean_power(z) - 1.0).abs() < 1e-4, "power {}", mean_power(z));
    }
    // Alone or among others, an image gets the same symbols.
    let alone = codec.encode(&x[3 * N_PIXELS..4 * N_PIXELS], &unknown).z;
    for (a, b) in alone.iter().zip(&z[3 * 12..4 * 12]) {
        assert!((a - b).norm() < 1e-5);
    }
}

/// Mean square error of the best picture that says nothing of the one sent: the mean picture.
fn loss_of_silence(x: &[f32]) -> f32 {
    let n = (x.len() / N_PIXELS) as f32;
    let mean: Vec<f32> = (0..N_PIXELS).map(|i| x.iter().skip(i).step_by(N_PIXELS).sum::<f32>() / n).collect();
    x.chunks(N_PIXELS).flat_map(|x| x.iter().zip(&mean)).map(|(x, mean)| (x - mean).powi(2)).sum::<f32>()
        / x.len() as f32
}

/// A tensor of the weights, as bytes.
fn tensor(weights: &[u8], name: &str) -> Vec<u8> {
    let file = safetensors::SafeTensors::deserialize(weights).expect("weights");
    file.tensor(name).expect("a tensor of the codec").data().to_vec()
}

/// A tensor of the weights, as numbers.
fn floats(weights: &[u8], name: &str) -> Vec<f32> {
    tensor(weights, name).as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

#[test]
fn training_teaches_both_halves_over_both_links() {
    let (x, plan) = (pictures(64), plan(64, 60));
    let wifi = wifi(plan.k);
    for link in [&Ideal::default() as &dyn Link, &wifi] {
        let mut trainer = begin(&plan);
        let (begun, mut losses) = (trainer.weights(None), Vec::new());
        while !trainer.is_done() {
            losses.push(advance(&mut trainer, &x, link));
        }
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let (last, silence) = (mean(&losses[losses.len() - 4..]), f64::from(loss_of_silence(&x)));
        assert!(last < 0.5 * silence, "a loss of {last}; the mean picture has {silence}");
        for name in ["encoder.down1.weight", "encoder.to_symbols.weight", "decoder.from_symbols.weight"] {
            assert!(tensor(&begun, name) != tensor(&trainer.weights(None), name), "{name} has learnt nothing");
        }
    }
}

/// A plan with everything that a checkpoint must hold: stages, turns, an average, best weights.
fn rich_plan() -> Plan {
    let turn = |part: &str, steps| Turn { learns: vec![part.to_owned()], objective: Objective::only("recover"), steps };
    let average = Stage { average: Some(0.9), max_norm: Some(0.05), warmup: 3, ..stage(2) };
    let patient = Stage { patience: Some(2), turns: vec![turn("encoder", 2), turn("decoder", 1)], ..stage(5) };
    Plan { stages: vec![average, patient], ..plan(48, 1) }
}

/// Broken off after any step, and continued from what the checkpoint holds, a run ends with the same weights.
#[test]
fn a_resumed_run_is_the_same_run() {
    let (x, plan) = (pictures(48), rich_plan());
    let (mut whole, mut checkpoints) = (begin(&plan), Vec::new());
    while !whole.is_done() {
        checkpoints.push(whole.checkpoint("run"));
        advance(&mut whole, &x, &Ideal::default());
    }
    // Two epochs, and three of the second stage: the first was the best, and patience is two.
    assert_eq!((whole.place().step, checkpoints.len()), (15, 15));
    for (step, checkpoint) in checkpoints.iter().enumerate().step_by(2) {
        let resumed = Trainer::resume(plan.clone(), Compute::Cpu, "run", checkpoint).expect("a checkpoint");
        assert_eq!(resumed.place().step, step);
        assert!(
            finish(resumed, &x, &Ideal::default()).weights(None) == whole.weights(None),
            "weights differ after resuming at {step}"
        );
    }
    let other = Plan { seed: 6, ..plan };
    assert!(finish(begin(&other), &x, &Ideal::default()).weights(None) != whole.weights(None));
}

#[test]
fn only_parts_whose_turn_it_is_learn() {
    let x = pictures(48);
    let turn = Turn { learns: vec!["decoder".to_owned()], objective: Objective::only("recover"), steps: 1 };
    let plan = Plan { stages: vec![Stage { turns: vec![turn], ..stage(1) }], ..plan(48, 1) };
    let begun = begin(&plan);
    let trained = finish(begin(&plan), &x, &Ideal::default());
    let changed = |name| tensor(&begun.weights(None), name) != tensor(&trained.weights(None), name);
    assert!(!changed("encoder.down1.weight") && !changed("encoder.to_symbols.bias"));
    assert!(changed("decoder.from_symbols.weight") && changed("decoder.up2.bias"));
}

/// The first epoch of the patient stage was the best: its weights are those of a stage of one epoch.
#[test]
fn a_patient_stage_ends_with_its_best_weights() {
    let x = pictures(48);
    let of = |stage| finish(begin(&Plan { stages: vec![stage], ..plan(48, 1) }), &x, &Ideal::default());
    let constant = |epochs| Stage { schedule: Schedule::Constant, ..stage(epochs) };
    let patient = of(Stage { patience: Some(1), ..constant(9) });
    assert_eq!(patient.place().step, 6, "two epochs: one that was best, one that was not");
    assert!(patient.weights(None) == of(constant(1)).weights(None));
}

/// A stage whose every epoch is worse than its start ends with the start; a better epoch replaces it.
#[test]
fn a_patient_stage_can_end_with_the_weights_it_began_with() {
    let x = pictures(48);
    let patient = Plan { stages: vec![Stage { patience: Some(2), ..stage(5) }], ..plan(48, 1) };
    let of = |start: f64| {
        let mut trainer = begin(&patient);
        trainer.judge_start(start);
        finish(trainer, &x, &Ideal::default())
    };
    let begun = begin(&patient).weights(None);
    let (worse, better) = (of(f64::INFINITY), of(f64::NEG_INFINITY));
    assert_eq!(worse.place().step, 6, "two epochs that were no better");
    assert!(worse.weights(None) == begun && better.weights(None) != begun);
}

#[test]
fn an_average_of_weights_lies_between_them() {
    let x = pictures(48);
    let of = |average| {
        let stage = Stage { average, ..stage(1) };
        finish(begin(&Plan { stages: vec![stage], ..plan(48, 1) }), &x, &Ideal::default()).weights(None)
    };
    let first = begin(&plan(48, 1)).weights(None);
    let weights =
        [first, of(None), of(Some(0.5)), of(Some(0.0))].map(|weights| floats(&weights, "decoder.body.weight"));
    let [first, last, average, none] = &weights;
    assert_eq!(last, none, "a decay of nothing keeps the last weights");
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
    let (moved, behind) = (distance(first, last), distance(average, last));
    assert!(behind > 0.0 && behind < moved, "{behind} behind, {moved} moved");
}

/// The decay rises as (1 + n)/(10 + n): closed form over three steps.
#[test]
fn an_average_soon_forgets_the_first_weights() {
    let x = pictures(48);
    let mut trainer = begin(&plan(48, 1));
    let name = "decoder.body.weight";
    let mut steps = vec![floats(&trainer.weights(None), name)];
    while !trainer.is_done() {
        advance(&mut trainer, &x, &Ideal::default());
        steps.push(floats(&trainer.weights(None), name));
    }
    let averaged = Stage { average: Some(0.9), ..stage(1) };
    let averaged = finish(begin(&Plan { stages: vec![averaged], ..plan(48, 1) }), &x, &Ideal::default()).weights(None);
    let mut want = steps[0].clone();
    for (step, decay) in steps[1..].iter().zip([0.1, 2.0 / 11.0, 3.0 / 12.0]) {
        want.iter_mut().zip(step).for_each(|(want, now)| *want = *want * decay + now * (1.0 - decay));
    }
    assert_eq!(steps.len(), 4);
    let moved = steps[3].iter().zip(&steps[0]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let off = floats(&averaged, name).iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 1e-3 * moved, "off by {off}, where weights have moved by {moved}");
}

/// A link that loses every frame.
struct Void;

impl Link for Void {
    fn images_per_frame(&self) -> usize {
        4
    }

    fn air_time(&self) -> Option<AirTime> {
        None
    }

    fn draw(&self, images: usize, k: usize, snr: Snr, _: ChaCha8Rng) -> Box<dyn Transmission + '_> {
        Box::new(Lost { noise: vec![snr.no(); images * k] })
    }
}

struct Lost {
    noise: Vec<f32>,
}

impl Transmission for Lost {
    fn noise(&self) -> &[f32] {
        &self.noise
    }

    fn carry(self: Box<Self>, _: &[Complex32]) -> Option<Heard> {
        None
    }
}

/// What is lost in training counts as the mean of the pictures, from which nothing is learnt.
#[test]
fn nothing_is_learnt_from_a_lost_frame() {
    let x = pictures(16);
    let mut trainer = begin(&plan(16, 1));
    let mean = |pixel: usize| x.iter().skip(pixel).step_by(784).sum::<f32>() / 16.0;
    let means: Vec<f32> = (0..784).map(mean).collect();
    let error = x.iter().zip(means.iter().cycle()).map(|(x, mean)| f64::from(x - mean).powi(2));
    let want = error.sum::<f64>() / x.len() as f64;
    let step = trainer.advance(Pictures { pixels: &x, labels: &[] }, &Void).expect("finite");
    assert!((step.loss / want - 1.0).abs() < 1e-4, "a loss of {}; the mean has {want}", step.loss);
    assert!(step.gradient_norm == 0.0, "a gradient of {}", step.gradient_norm);
}

/// Shortened to a length of next to nothing, a gradient still gives Adam its direction; left long, it is reported as it is.
#[test]
fn long_gradients_are_shortened() {
    let x = pictures(48);
    let first = |max_norm| {
        let mut trainer = begin(&Plan { stages: vec![Stage { max_norm, ..stage(1) }], ..plan(48, 1) });
        let step = trainer.advance(Pictures { pixels: &x, labels: &[] }, &Ideal::default()).expect("finite");
        (step.gradient_norm, trainer.weights(None))
    };
    let ((norm, free), (same_norm, loose), (_, tight)) = (first(None), first(Some(1e3)), first(Some(1e-6)));
    assert!((norm - same_norm).abs() < 1e-12, "{norm} and {same_norm}");
    assert!(free == loose && free != tight);
}

#[test]
fn a_number_that_is_none_stops_the_run_and_names_the_step() {
    let (mut x, plan) = (pictures(48), plan(48, 2));
    let mut trainer = begin(&plan);
    advance(&mut trainer, &x, &Ideal::default());
    let weights = trainer.weights(None);
    x.fill(f32::NAN);
    let error =
        trainer.advance(Pictures { pixels: &x, labels: &[] }, &Ideal::default()).expect_err("the loss is no number");
    assert_eq!(error.to_string(), "the loss of step 2 is not a finite number");
    assert!(trainer.weights(None) == weights, "the weights before the step are kept");
}

#[test]
fn the_thread_count_changes_nothing() {
    let (x, plan) = (pictures(128), Plan { k: 48, batch: 64, ..plan(128, 2) });
    let wifi = wifi(plan.k);
    for link in [&Ideal::default() as &dyn Link, &wifi] {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| finish(begin(&plan), &x, link).weights(None))
        };
        assert!(run(1) == run(4), "weights differ between 1 and 4 threads");
    }
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let plan = plan(16, 1);
    let checkpoint = begin(&plan).checkpoint("run");
    for cut in [0, 9, checkpoint.len() / 2, checkpoint.len() - 1] {
        assert!(Trainer::resume(plan.clone(), Compute::Cpu, "run", &checkpoint[..cut]).is_err(), "cut at {cut}");
    }
    for at in [checkpoint.len() / 3, checkpoint.len() / 2, checkpoint.len() - 1] {
        let mut flipped = checkpoint.clone();
        flipped[at] ^= 1;
        assert!(Trainer::resume(plan.clone(), Compute::Cpu, "run", &flipped).is_err(), "flipped at {at}");
    }
}
