//! Training steps and single pictures through two codecs, beside PyTorch in the same run.
//!
//! `cargo bench --bench train`; with Python's `torch` installed (`pip install torch`) PyTorch takes turns with us. Both
//! do the same work: forward, noise, backward and Adam for a batch of 64; encoding and decoding of one picture.

#[path = "../../../bench/src/machine.rs"]
mod machine;

use burn::module::Module;
use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use jscc_nn::layers::{Conv2d, ConvTranspose2d, PRelu};
use jscc_nn::method::{Card, ChannelState, Draws, Family, Method, Needs, Output, Sent, Side, Source, Task};
use jscc_nn::methods::deepjscc::{self, DeepJscc};
use jscc_nn::symbols::normalize_power;
use jscc_nn::train::{ADAM_EPSILON, Batch, Received, learn};
use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Turns that each contender gets, the first of them to warm up.
const TURNS: usize = 7;
/// Runs of a turn, one right after another as in a training, but for the first of them, which finds cold caches.
const RUNS: usize = 13;
/// Before a turn, for the other's threads to fall asleep.
const PAUSE: Duration = Duration::from_millis(300);
const BATCH: usize = 64;
/// Images of a shard, as the trainer has them on the CPU.
const PER_SHARD: usize = 16;

/// The network of most papers: five convolutions and five transposed ones for 3×32×32, 156 k weights.
#[derive(Module, Debug)]
struct Reference {
    convs: Vec<Conv2d>,
    deconvs: Vec<ConvTranspose2d>,
    slopes: Vec<PRelu>,
}

impl Method for Reference {
    const CARD: Card = Card {
        name: "reference",
        title: "Reference",
        reference: "the network of most papers",
        family: Family::Foundation,
        tasks: &[Task::Recover],
        encoder: Needs::Nothing,
        decoder: Needs::Nothing,
        parts: &["convs", "deconvs", "slopes"],
    };

    type Config = ();
    type Aux = ();

    fn new((): &(), _: Source, _: usize, device: &Device) -> Self {
        let convs = [([3, 16], 2), ([16, 32], 2), ([32, 32], 1), ([32, 32], 1), ([32, 16], 1)];
        let deconvs = [([16, 32], 1), ([32, 32], 1), ([32, 32], 1), ([32, 16], 2), ([16, 3], 2)];
        Self {
            convs: convs.map(|(maps, stride)| Conv2d::new(maps, 5, stride, device)).into(),
            deconvs: deconvs.map(|(maps, stride)| ConvTranspose2d::new(maps, 5, stride, device)).into(),
            slopes: (0..9).map(|_| PRelu::new(device)).collect(),
        }
    }

    fn encode(&self, mut x: Tensor<4>, _: &Side) -> Sent {
        for (conv, slope) in self.convs.iter().zip(&self.slopes) {
            x = slope.forward(conv.forward(x));
        }
        let [batch, ..] = x.dims();
        Sent::all(normalize_power(x.reshape([batch, 512, 2])))
    }

    fn decode(&self, z_hat: Tensor<3>, _: &Side) -> Output {
        let [batch, ..] = z_hat.dims();
        let mut y = z_hat.reshape([batch, 16, 8, 8]);
        for (deconv, slope) in self.deconvs.iter().zip(&self.slopes[5..]) {
            y = slope.forward(deconv.forward(y));
        }
        Output::image(sigmoid(self.deconvs[4].forward(y)))
    }
}

/// One of our contenders.
struct Ours<N> {
    net: N,
    inference: N,
    optimizer: ModuleOptimizer,
    source: Source,
}

impl<N: Method<Aux = ()>> Ours<N> {
    fn new(net: N, source: Source) -> Self {
        let net = jscc_nn::init::draw(net, jscc_nn::init::Initial::LeCun, 0);
        Self { inference: net.valid(), net, optimizer: AdamConfig::new().with_epsilon(ADAM_EPSILON).init(), source }
    }

    fn pixels(&self, n: usize) -> Vec<f32> {
        let n = n * self.source.reals();
        Channel::Awgn.draw(n, 0.1, &mut stream(0, "pixels", 0)).noise.iter().map(|z| z.re.abs().min(1.0)).collect()
    }

    fn step(&mut self) -> f64 {
        let pixels = self.pixels(BATCH);
        let start = Instant::now();
        let batch = Batch {
            pixels: &pixels,
            labels: &[],
            source: self.source,
            per_shard: PER_SHARD,
            state: &ChannelState::default(),
            draws: Draws { seed: 0, first: 0 },
        };
        let carry = |z: &[Complex32]| {
            let mut z_hat = z.to_vec();
            Channel::Awgn.draw(z.len(), 0.01, &mut stream(0, "noise", 0)).apply(&mut z_hat);
            Received { values: z_hat, gain: None, noise: None, lost: vec![false; BATCH] }
        };
        let learnt = learn(&self.net, None, batch, &Device::flex().autodiff(), carry, |net, pass| {
            let image = net.decode(pass.received(), &pass.side).image.expect("a picture");
            (image - pass.x.clone()).square().mean()
        });
        self.net = self.optimizer.step(1e-3, self.net.clone(), learnt.gradients);
        start.elapsed().as_secs_f64()
    }

    fn picture(&self) -> Tensor<4> {
        self.source.tensor(&self.pixels(1), &Device::flex())
    }

    fn encode(&mut self) -> f64 {
        let x = self.picture();
        let start = Instant::now();
        let z: Vec<f32> = self.inference.encode(x, &Side::Withheld).z.try_into_vec_as().expect("floats");
        std::hint::black_box(z);
        start.elapsed().as_secs_f64()
    }

    fn decode(&mut self) -> f64 {
        let z = self.inference.encode(self.picture(), &Side::Withheld).z;
        let start = Instant::now();
        let x = self.inference.decode(z, &Side::Withheld).image.map(Tensor::try_into_vec_as::<f32>);
        std::hint::black_box(x.expect("a picture").expect("floats"));
        start.elapsed().as_secs_f64()
    }
}

/// PyTorch in a process of its own.
struct Rival {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Rival {
    fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/train.py");
        let threads = rayon::current_num_threads().to_string();
        let mut child = Command::new("python3")
            .args([script, &threads])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (to, from) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Self { child, to, from })
    }

    /// The answer to a line; `None` when it has gone.
    fn ask(&mut self, case: &str, layout: &str) -> Option<String> {
        writeln!(self.to, "{case} {layout} {RUNS}").ok()?;
        let mut line = String::new();
        self.from.read_line(&mut line).ok()?;
        (!line.is_empty()).then(|| line.trim().to_owned())
    }

    fn milliseconds(&mut self, case: &str, layout: &str) -> Vec<f64> {
        let answer = self.ask(case, layout).unwrap_or_default();
        answer.split(' ').map(|time| time.parse().unwrap_or(f64::NAN)).collect()
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
    }
}

/// Times of one contender in ms.
fn median_and_best(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}

fn compare(case: &str, unit: &str, scale: f64, rival: &mut Option<Rival>, mut ours: impl FnMut() -> f64) {
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for turn in 0..TURNS {
        for (contender, times) in ["ours", "nhwc", "nchw"].into_iter().zip(&mut times) {
            std::thread::sleep(PAUSE);
            let runs = match rival {
                _ if contender == "ours" => (0..RUNS).map(|_| 1e3 * ours()).collect(),
                Some(rival) => rival.milliseconds(case, contender),
                None => vec![f64::NAN; RUNS],
            };
            if turn > 0 {
                times.extend(&runs[1..]);
            }
        }
    }
    let [(median, best), nhwc, nchw] = times.map(median_and_best);
    print!("{case:18} {:8.2} {:8.2} {unit}", scale * median, scale * best);
    if rival.is_some() {
        let (their_median, their_best) = if nhwc.0 < nchw.0 { nhwc } else { nchw };
        for (median, best) in [nhwc, nchw] {
            print!("   {:8.2} {:8.2}", scale * median, scale * best);
        }
        print!("   {:6.2} {:6.2}", median / their_median, best / their_best);
    }
    println!();
}

fn peak_memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib / 1024.0)
}

fn main() {
    println!("{}; {}", machine::cpu(), machine::features().join(" "));
    // A Python without torch ends at once and answers nothing.
    let mut rival = Rival::start();
    let version = rival.as_mut().and_then(|rival| rival.ask("version", "-"));
    rival = rival.filter(|_| version.is_some());
    let beside =
        version.map_or("alone: Python's torch is not installed".to_owned(), |version| format!("beside {version}"));
    println!("{} threads, {beside}", rayon::current_num_threads());
    println!(
        "\nmedian and best of {} runs; ratio of ours to the better of PyTorch's layouts (below 1: ours is faster)\n",
        (TURNS - 1) * (RUNS - 1)
    );
    println!("{:18} {:>17}      {:>20} {:>19}   {:>13}", "", "ours", "PyTorch nhwc", "PyTorch nchw", "ratio");
    let device = Device::flex().autodiff();
    let colour = Source { shape: [3, 32, 32], classes: 10 };
    let mut reference = Ours::new(Reference::new(&(), colour, 512, &device), colour);
    compare("reference-step", "ms", 1.0, &mut rival, || reference.step());
    compare("reference-encode", "us", 1e3, &mut rival, || reference.encode());
    compare("reference-decode", "us", 1e3, &mut rival, || reference.decode());
    let mnist = DeepJscc::new(&deepjscc::Config::default(), Source::MNIST, 48, &device);
    let mut mnist = Ours::new(mnist, Source::MNIST);
    compare("mnist-step", "ms", 1.0, &mut rival, || mnist.step());
    compare("mnist-encode", "us", 1e3, &mut rival, || mnist.encode());
    compare("mnist-decode", "us", 1e3, &mut rival, || mnist.decode());
    println!("\npeak memory of the process: {:.0} MiB", peak_memory_mib());
    if let Some(rival) = &mut rival {
        println!("peak memory of PyTorch's: {:.0} MiB", rival.milliseconds("memory", "-")[0]);
    }
}
