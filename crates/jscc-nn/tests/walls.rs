//! A method that uses all that a method may: SNR at one end, a noise map at the other, symbols left out, two tasks, a value
//! that only its loss reads. It stands in a file of its own, as every method does.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use jscc_nn::compute::Compute;
use jscc_nn::init;
use jscc_nn::method::{
    Card, ChannelState, Draws, Family, ForwardPass, Method, Needs, Output, Sent, Side, Source, Task, Term,
};
use jscc_nn::objective::Objective;
use jscc_nn::symbols::normalize_kept;
use jscc_nn::tell::Tell;
use jscc_nn::train::{Batch, Pictures, Plan, Received, Schedule, Stage, Trainer, Training, learn};
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::link::Ideal;
use jscc_phy::random::stream;
use jscc_phy::units::{Snr, mean_power};

const SOURCE: Source = Source { shape: [1, 4, 4], classes: 3 };
const K: usize = 6;

#[derive(Module, Debug)]
struct Probe {
    encoder: Linear,
    decoder: Linear,
    names: Linear,
}

impl Method for Probe {
    const CARD: Card = Card {
        name: "probe",
        title: "Probe",
        reference: "this test",
        family: Family::Foundation,
        tasks: &[Task::Recover, Task::Execute],
        encoder: Needs::Snr,
        decoder: Needs::NoiseMap,
        parts: &["encoder", "decoder", "names"],
    };

    const TERMS: &'static [Term<Self>] = &[Term { name: "aux", loss: aux }];

    type Config = ();
    type Aux = Tensor<1>;

    fn new((): &(), source: Source, k: usize, device: &Device) -> Self {
        Self {
            encoder: LinearConfig::new(source.reals() + 1, 2 * k).init(device),
            decoder: LinearConfig::new(3 * k, source.reals()).init(device),
            names: LinearConfig::new(3 * k, source.classes).init(device),
        }
    }

    /// Below 10 dB the second half of the symbols stays at home.
    fn encode(&self, x: Tensor<4>, side: &Side) -> Sent<Tensor<1>> {
        let Side::Snr(snr) = side else { panic!("the card says SNR: {side:?}") };
        let z = self.encoder.forward(Tensor::cat(vec![x.flatten::<2>(1, 3), snr.clone()], 1));
        let [images, reals] = z.dims();
        let first = Tensor::ones([images, reals / 4], &z.device());
        let second = snr.clone().greater_equal_elem(0.0).float().repeat_dim(1, reals / 4);
        let kept = Tensor::cat(vec![first, second], 1);
        let (aux, z) = (z.clone().square().mean(), z.reshape([images, reals / 2, 2]));
        Sent { z: normalize_kept(z, &kept), kept: Some(kept), aux }
    }

    fn decode(&self, received: Tensor<3>, side: &Side) -> Output {
        let Side::NoiseMap(noise) = side else { panic!("the card says a noise map: {side:?}") };
        let y = Tensor::cat(vec![received.flatten::<2>(1, 2), noise.clone()], 1);
        let [images, _] = y.dims();
        Output {
            image: Some(self.decoder.forward(y.clone()).reshape([images, 1, 4, 4])),
            logits: Some(self.names.forward(y)),
        }
    }
}

fn aux(_: &Probe, pass: &ForwardPass<Tensor<1>>) -> Tensor<1> {
    pass.sent.aux.clone()
}

fn pixels(n: usize) -> Vec<f32> {
    let white = Channel::Awgn.draw(n * 16, 0.1, &mut stream(1, "pixels", 0)).noise;
    white.iter().map(|x| x.re.abs().min(1.0)).collect()
}

fn plan(task: Task, terms: &[(&str, f64)]) -> Plan {
    let stage = Stage {
        name: "only".to_owned(),
        epochs: 30,
        learning_rate: 1e-2,
        schedule: Schedule::Constant,
        warmup: 0,
        snr_db: [0.0, 20.0],
        tell: Tell::True,
        objective: Objective::new(terms.iter().map(|(name, weight)| ((*name).to_owned(), *weight))),
        turns: vec![],
        max_norm: None,
        average: None,
        patience: None,
    };
    let config = serde_json::Value::Null;
    Plan { config, source: SOURCE, task, k: K, seed: 2, n_images: 48, batch: 16, stages: vec![stage] }
}

/// The state of a channel at this SNR, the same for each symbol.
fn state(images: usize, snr_db: f64) -> ChannelState {
    let snr = Snr::per_symbol(snr_db);
    ChannelState { snr: vec![snr; images], noise: vec![snr.no(); images * K] }
}

#[test]
fn two_tasks_and_a_term_of_its_own_are_trained_at_once() {
    let (x, labels) = (pixels(48), (0..48).map(|i| i % 3).collect::<Vec<u8>>());
    let mut trainer =
        Trainer::<Probe>::new(plan(Task::Execute, &[("recover", 0.7), ("classify", 0.3), ("aux", 1e-3)]), Compute::Cpu);
    let mut losses = Vec::new();
    while !trainer.is_done() {
        let step = trainer.advance(Pictures { pixels: &x, labels: &labels }, &Ideal::default()).expect("finite");
        losses.push(step.loss);
        if step.epoch_done {
            trainer.end_epoch(0.0);
        }
    }
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let (first, last) = (mean(&losses[..3]), mean(&losses[losses.len() - 6..]));
    assert!(last < 0.8 * first, "{first} falls to {last} only");
    assert_eq!(trainer.codec().task(), Task::Execute);
}

/// A sum of terms is the sum: each alone, weighted, gives the loss of all together.
#[test]
fn an_objective_is_the_weighted_sum_of_its_terms() {
    let (x, labels) = (pixels(48), vec![1; 48]);
    let first = |terms: &[(&str, f64)]| {
        let mut trainer = Trainer::<Probe>::new(plan(Task::Recover, terms), Compute::Cpu);
        trainer.advance(Pictures { pixels: &x, labels: &labels }, &Ideal::default()).expect("finite").loss
    };
    let [recover, classify, aux] = ["recover", "classify", "aux"].map(|term| first(&[(term, 1.0)]));
    let all = first(&[("recover", 0.7), ("classify", 0.3), ("aux", 2.0)]);
    let want = 0.7 * recover + 0.3 * classify + 2.0 * aux;
    assert!((all - want).abs() < 1e-5 * want, "{all}, not {want}");
    assert!((classify - 3f64.ln()).abs() < 1.0 && (recover - classify).abs() > 0.1, "{recover} {classify}");
}

#[test]
fn symbols_that_stay_at_home_carry_nothing() {
    let codec = Trainer::<Probe>::new(plan(Task::Recover, &[("recover", 1.0)]), Compute::Cpu).codec();
    let x = pixels(20);
    let (low, high) = (codec.encode(&x, &state(20, 5.0)), codec.encode(&x, &state(20, 15.0)));
    assert_eq!((low.n_sent(), high.n_sent()), (20 * K / 2, 20 * K));
    for z in low.z.chunks(K) {
        assert!(z[K / 2..].iter().all(|z| *z == Complex32::ZERO));
        assert!((mean_power(&z[..K / 2]) - 1.0).abs() < 1e-4);
    }
    for z in high.z.chunks(K) {
        assert!((mean_power(z) - 1.0).abs() < 1e-4);
    }
}

/// Training too: what was not sent is received as zero, whatever the link makes of it, and has no gradient.
#[test]
fn what_was_not_sent_is_received_as_zero() {
    let device = Device::flex().autodiff();
    let net = init::draw(Probe::new(&(), SOURCE, K, &device), Probe::INITIAL, 1);
    let (x, state) = (pixels(4), state(4, 5.0));
    let draws = Draws { seed: 1, first: 0 };
    let batch = Batch { pixels: &x, labels: &[], source: SOURCE, per_shard: 2, state: &state, draws };
    let carry = |z: &[Complex32]| {
        assert!(z.chunks(K).all(|z| z[K / 2..].iter().all(|z| *z == Complex32::ZERO)), "on the air");
        Received { values: vec![Complex32::new(3.0, 4.0); z.len()], gain: None, noise: None, lost: vec![false; 4] }
    };
    learn(&net, None, batch, &device, carry, |_, pass| {
        let heard: Vec<f32> = pass.received().try_into_vec_as().expect("floats");
        for image in heard.chunks(2 * K) {
            let (sent, rest) = image.split_at(K);
            let is_near = |z: &[f32]| (z[0] - 3.0).abs() < 1e-5 && (z[1] - 4.0).abs() < 1e-5;
            assert!(sent.chunks(2).all(is_near) && rest.iter().all(|x| *x == 0.0), "{image:?}");
        }
        pass.received().sum()
    });
}

/// The card decides what each side is told, symbol by symbol and image by image.
#[test]
fn sides_are_told_what_the_card_says() {
    let snr = [0.0, 10.0, 20.0, 100.0].map(Snr::per_symbol);
    let state = ChannelState { snr: snr.to_vec(), noise: (0..4 * K).map(|i| i as f32).collect() };
    let device = Device::flex();
    let values = |needs, images| match Side::tell(needs, &state, images, &device) {
        Side::Withheld => None,
        Side::Snr(x) | Side::NoiseMap(x) => Some(x.try_into_vec_as::<f32>().expect("floats")),
    };
    assert_eq!(values(Needs::Nothing, 0..4), None);
    assert_eq!(values(Needs::Snr, 0..4), Some(vec![-0.5, 0.0, 0.5, 1.5]));
    assert_eq!(values(Needs::NoiseMap, 1..2), Some((6..12).map(|i| i as f32).collect()));
    assert_eq!(state.of(&[2, 0]).noise[..2], [12.0, 13.0]);
    assert_eq!(state.of(&[2, 0]).snr, [snr[2], snr[0]]);
}
