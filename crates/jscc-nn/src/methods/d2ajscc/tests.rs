//! Each objective against its equation, on random networks: its value, and the parts that its gradient reaches.

use super::*;
use crate::compute::Compute;
use crate::objective::Objective;
use burn::optim::GradientsParams;
use jscc_phy::random::stream;

const K: usize = 4;
/// Samples per frame.
const SAMPLES: usize = 320;

/// Pictures per frame.
const IMAGES: usize = 10;
/// The step's random numbers.
const DRAWS: Draws = Draws { seed: 7, first: 0 };

/// A network, one frame of pictures, its symbols, and the output of a noisy link.
struct Scene {
    net: D2aJscc,
    x: Tensor<4>,
    z: Tensor<3>,
    heard: Tensor<3>,
    /// The channel's noise, at the place of `heard`.
    noise: Tensor<3>,
}

impl Scene {
    /// Received with this noise per real axis of a sample.
    fn new(noise: f32) -> Self {
        let device = Compute::Cpu.device().autodiff();
        let net = crate::init::draw(D2aJscc::new(&Config::default(), Source::MNIST, K, &device), D2aJscc::INITIAL, 3);
        let white = |n, purpose| Channel::Awgn.draw(n, 2.0, &mut stream(1, purpose, 0)).noise;
        let pixels =
            white(IMAGES * Source::MNIST.reals(), "pixels").iter().map(|x| x.re.abs().min(1.0)).collect::<Vec<_>>();
        let x = Source::MNIST.tensor(&pixels, &device);
        let z = net.encoder.forward(x.clone());
        let clean = net.map.waveform(z.clone().detach(), SAMPLES);
        let noise = crate::symbols::from_complex(&white(SAMPLES, "link"), SAMPLES / IMAGES, &device) * noise;
        // Baseband conversion and carrier are inverse: the received waveform is put back on the carrier.
        let heard = onto_carrier(clean) + noise.clone();
        Self { net, x, z, heard, noise }
    }

    fn loss(&self, objective: &Objective) -> Tensor<1> {
        let pass = ForwardPass {
            x: self.x.clone(),
            labels: &[],
            sent: Sent::all(self.z.clone()),
            heard: self.heard.clone(),
            gain: None,
            noise: Some(self.noise.clone()),
            lost: None,
            side: Side::Withheld,
            draws: DRAWS,
        };
        objective.loss(&self.net, &pass)
    }

    fn value(&self, objective: &Objective) -> f64 {
        f64::from(self.loss(objective).into_scalar::<f32>())
    }

    fn sent(&self) -> Tensor<3> {
        self.net.map.waveform(self.z.clone(), SAMPLES)
    }

    fn compensated(&self) -> Tensor<3> {
        self.net.compensation.forward(self.net.map.baseband(self.heard.clone()))
    }

    fn imitated(&self) -> Tensor<3> {
        self.net.imitate(self.sent(), &self.noise)
    }

    /// Mean square error of the pictures in a compensated waveform.
    fn pictures(&self, waveform: Tensor<3>) -> f64 {
        let z_hat = self.net.map.symbols(waveform, K);
        error(self.net.decoder.forward(z_hat), self.x.clone())
    }

    /// Parts that an objective's gradient reaches.
    fn reached(&self, objective: &Objective) -> Vec<&'static str> {
        let gradients = GradientsParams::from_grads(self.loss(objective).backward(), &self.net);
        let D2aJscc { encoder, decoder, compensation, proxy, .. } = &self.net;
        let reaches = |part: &dyn Fn() -> bool, name| part().then_some(name);
        [
            reaches(&|| touches(encoder, &gradients), "encoder"),
            reaches(&|| touches(decoder, &gradients), "decoder"),
            reaches(&|| touches(compensation, &gradients), "compensation"),
            reaches(&|| touches(proxy, &gradients), "proxy"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Puts a baseband waveform on its carrier, as delivered by a link.
fn onto_carrier(waveform: Tensor<3>) -> Tensor<3> {
    let centre = Frame::default().shaping.centre as f32;
    let device = waveform.device();
    let samples = crate::symbols::to_complex(waveform.swap_dims(1, 2).detach());
    let turn = |n: usize| Complex32::from_polar(1.0, std::f32::consts::TAU * centre * (n % 64) as f32 / 64.0);
    let turned: Vec<_> = samples.iter().enumerate().map(|(n, x)| x * turn(n)).collect();
    crate::symbols::from_complex(&turned, SAMPLES / IMAGES, &device)
}

fn error<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f64 {
    f64::from((a - b).square().mean().into_scalar::<f32>())
}

fn touches<M: Module>(part: &M, gradients: &GradientsParams) -> bool {
    struct Any<'a>(&'a GradientsParams, bool);
    impl burn::module::ModuleVisitor for Any<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id);
            self.1 |= gradient.is_some_and(|gradient| gradient.abs().max().into_scalar::<f32>() > 0.0);
        }
    }
    let mut any = Any(gradients, false);
    part.visit(&mut any);
    any.1
}

fn near(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() < 1e-4 * b.abs().max(1e-3), "{what}: {a}, not {b}");
}

#[test]
fn objectives_have_the_values_of_their_equations() {
    let scene = Scene::new(0.3);
    // Equations 14 and 15.
    let compensate = error(scene.compensated(), scene.sent());
    let imitate = error(scene.imitated(), scene.compensated());
    let value = |term: &str| scene.value(&Objective::only(term));
    near(value("compensate"), compensate, "compensate");
    near(value("imitate"), imitate, "imitate");
    let (over_link, over_proxy) = (scene.pictures(scene.compensated()), scene.pictures(scene.imitated()));
    near(value("recover"), over_link, "recover");
    // Equation 16; and with the true link's values.
    near(value("proxy"), over_proxy, "proxy");
    near(value("guide"), over_link, "guide");
    let sum = Objective::new([("proxy".to_owned(), 1.0), ("compensate".to_owned(), 0.5)]);
    near(scene.value(&sum), over_proxy + 0.5 * compensate, "a sum");
    let surrogate = value("surrogate");
    assert!((surrogate - over_link).abs() > 1e-6 && (surrogate - over_proxy).abs() > 1e-6, "a noise of its own");
    let mut values = [over_link, over_proxy, compensate, imitate, surrogate];
    values.sort_by(f64::total_cmp);
    assert!(values.windows(2).all(|pair| pair[1] - pair[0] > 1e-4 * pair[1]), "told apart: {values:?}");
}

#[test]
fn gradients_go_where_the_objective_says() {
    // A graph can be traversed once.
    let reached = |term: &str| Scene::new(0.3).reached(&Objective::only(term));
    let all = ["encoder", "decoder", "compensation", "proxy"];
    assert_eq!(reached("recover"), all[..3]);
    assert_eq!(reached("imitate"), ["proxy"]);
    assert_eq!(reached("compensate"), ["encoder", "compensation"]);
    assert_eq!(reached("surrogate"), ["encoder", "decoder"]);
    assert_eq!(reached("proxy"), ["encoder", "decoder", "proxy"]);
    assert_eq!(reached("guide"), all);
}

/// A surrogate's noise is as strong as the link's error: without noise the decoder receives its own symbols.
#[test]
fn a_surrogate_is_as_bad_as_the_link() {
    let [clean, noisy] = [0.0, 1.0].map(|noise| {
        let scene = Scene::new(noise);
        let z_hat = scene.net.map.symbols(scene.compensated(), K);
        let own = like_the_link(scene.z.clone(), z_hat.clone(), IMAGES, &DRAWS);
        (error(z_hat, scene.z.clone()), error(own, scene.z.clone()))
    });
    for (link, own) in [clean, noisy] {
        assert!((0.7..1.4).contains(&(own / link)), "an error of {own} in place of {link}");
    }
    assert!(noisy.0 > 2.0 * clean.0);
}

/// ProxyNet's channel has the link's noise, and nothing else that is left to chance.
#[test]
fn the_imitation_has_the_noise_of_the_link() {
    let output = |noise: f32| {
        let scene = Scene::new(noise);
        scene.imitated().detach()
    };
    let clean = output(0.0);
    let [quiet, loud] = [0.03, 0.3].map(|noise| error(output(noise), clean.clone()));
    assert!(error(output(0.3), output(0.3)) < 1e-12, "the same noise has the same output");
    // A network is not linear: roughly a hundred times the noise.
    assert!((30.0..300.0).contains(&(loud / quiet)), "{loud} and {quiet}");
}
