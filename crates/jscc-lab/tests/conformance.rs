//! What holds for every method of the list, and for every method on every link. A new method is tested by being there.

use jscc_lab::data::digits;
use jscc_lab::spec::Spec;
use jscc_nn::codec::{Codec, Decoded, Symbols};
use jscc_nn::compute::Compute;
use jscc_nn::frames::{Frames, Noise};
use jscc_nn::method::{ChannelState, Needs, Source, Task};
use jscc_nn::objective::Objective;
use jscc_nn::tell::Tell;
use jscc_nn::train::{Pictures, Plan, Schedule, Stage, Training};
use jscc_nn::zoo::{self, Entry, METHODS};
use jscc_phy::Complex32;
use jscc_phy::link::Link;
use jscc_phy::units::{Snr, mean_power};
use std::fmt::Write as _;

/// Whole maps of symbols for convolutional methods: a place per 4×4 pixels.
const K: usize = 49;

/// Links by name: the air, the frames, what is handed over.
const LINKS: [(&str, &str); 11] = [
    ("ideal", "link = \"ideal\""),
    ("rayleigh, no CSI", "link.fading = { channel = \"rayleigh\", csi = \"none\" }"),
    ("tgn-d, zero forcing", "link.fading = { channel = \"tgn-d\", csi = \"zf\" }"),
    (
        "wifi, exact",
        "link.wifi = { rate = 54, inversion = \"exact\", framing = \"bare\", receive = \"bits\", reception = \"aided\", images_per_frame = 10 }",
    ),
    (
        "wifi, spread",
        "link.wifi = { rate = 54, inversion = \"trellis\", framing = \"mac\", receive = \"mean\", reception = \"aided\", images_per_frame = 4, spare = 2, room = \"spread\" }",
    ),
    (
        "wifi, unaided",
        "link.wifi = { rate = \"ht7\", inversion = \"trellis\", framing = \"mac\", receive = \"symbols\", reception = \"unaided\", images_per_frame = 5 }",
    ),
    (
        "wifi over tgn-d",
        "link.wifi = { rate = 12, inversion = \"trellis\", framing = \"bare\", receive = \"bits\", reception = \"aided\", images_per_frame = 3, channel = \"tgn-d\", impairments = [\"cfo:20000\"] }",
    ),
    (
        "ladder",
        "[[LINKS.ladder]]\nfrom_db = -60\nbits = { rate = 6, number = \"fixed2\", reception = \"aided\", images_per_frame = 10 }\n[[LINKS.ladder]]\nfrom_db = 10\nwifi = { rate = 54, inversion = \"trellis\", framing = \"bare\", receive = \"bits\", reception = \"aided\", images_per_frame = 10 }",
    ),
    (
        "waveform",
        "link.waveform = { rate = 54, inversion = \"exact\", tones = \"contiguous\", roll_off = 0.5, samples_per_symbol = 4, span = 8, centre = 14, aim = \"waveform\", framing = \"bare\", receive = \"bits\", hand = \"waveform\", reception = \"aided\", images_per_frame = 10 }",
    ),
    (
        "waveform, symbols",
        "link.waveform = { rate = 54, inversion = \"exact\", tones = \"contiguous\", roll_off = 0.5, samples_per_symbol = 4, span = 8, centre = 14, aim = \"waveform\", framing = \"bare\", receive = \"bits\", hand = \"symbols\", reception = \"aided\", images_per_frame = 10 }",
    ),
    (
        "bits",
        "link.bits = { rate = 54, number = \"float32\", reception = \"unaided\", damaged = \"lost\", images_per_frame = 10 }",
    ),
];

/// A method on a link, as an experiment file.
fn spec(method: &Entry, link: &str) -> Result<Spec, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("conformance.toml");
    let link = link.replace("LINKS", "train.stage.link");
    let text = format!(
        "name = \"conformance\"\n[data.digits]\nseed = 1\nimages = 100\n[train]\nmethod = \"{}\"\nk = {K}\nseeds = [1]\n\
         batch = 20\n[[train.stage]]\nepochs = 1\nlearning_rate = 1e-3\nsnr_db = [0, 20]\n{link}\n",
        method.card.name
    );
    std::fs::write(&path, text).expect("written");
    let spec = Spec::read(&path).map_err(|error| error.to_string())?;
    spec.train().map_err(|error| error.to_string())?;
    Ok(spec)
}

/// The link of a file whose method accepts it.
fn link_of(spec: &Spec) -> Box<dyn Link> {
    let train = spec.train().expect("a training");
    train.link(&train.stage[0]).expect("as the file was read")
}

/// The links that a method's decoder accepts, by name.
fn links(method: &Entry) -> Vec<(&'static str, Box<dyn Link>)> {
    let built = LINKS.iter().filter_map(|&(name, text)| {
        let spec = spec(method, text).ok()?;
        Some((name, link_of(&spec)))
    });
    built.collect()
}

fn plan(method: &Entry, task: Task, seed: u64, epochs: usize) -> Plan {
    let stage = Stage {
        name: "only".to_owned(),
        epochs,
        learning_rate: 2e-3,
        schedule: Schedule::Constant,
        warmup: 0,
        snr_db: [0.0, 20.0],
        tell: Tell::True,
        objective: Objective::of_task(task),
        turns: vec![],
        max_norm: None,
        average: None,
        patience: None,
    };
    let config = (method.config)(&serde_json::Value::Null).expect("the default");
    Plan { config, source: Source::MNIST, task, k: K, seed, n_images: 200, batch: 20, stages: vec![stage] }
}

fn begin(method: &Entry, task: Task, seed: u64, epochs: usize) -> Box<dyn Training> {
    (method.begin)(plan(method, task, seed, epochs), Compute::Cpu, None).expect("no weights to read")
}

/// Each codec that the list gives, one per task.
fn codecs() -> impl Iterator<Item = (&'static Entry, Task, Box<dyn Training>)> {
    let tasks = METHODS.iter().flat_map(|method| method.card.tasks.iter().map(move |&task| (method, task)));
    tasks.map(|(method, task)| (method, task, begin(method, task, 5, 1)))
}

fn pixels(n: usize) -> Vec<f32> {
    digits::dataset(2, 0..n as u64).images.pixels
}

/// A channel that differs from image to image and from symbol to symbol.
fn state(n: usize, shift: usize) -> ChannelState {
    let snr: Vec<Snr> = (0..n).map(|i| Snr::per_symbol(((i + shift) * 7 % 25) as f64)).collect();
    let noise = snr.iter().flat_map(|snr| (0..K).map(|i| snr.no() * (1.0 + ((i + shift) % 3) as f32))).collect();
    ChannelState { snr, noise }
}

fn near(a: &[Complex32], b: &[Complex32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-4)
}

#[test]
fn symbols_have_power_one_and_are_as_many_as_they_say() {
    for (method, task, training) in codecs() {
        let (codec, name) = (training.codec(), method.card.name);
        for n in [1, 20, 33] {
            let Symbols { z, kept } = codec.encode(&pixels(n), &state(n, 0));
            assert_eq!((z.len(), codec.k(), codec.task()), (n * K, K, task), "{name}");
            for (image, z) in z.chunks(K).enumerate() {
                let is_kept = |i: usize| kept.as_ref().is_none_or(|kept| kept[image * K + i]);
                let sent: Vec<_> = (0..K).filter(|&i| is_kept(i)).map(|i| z[i]).collect();
                assert!((mean_power(&sent) - 1.0).abs() < 1e-4, "{name}: power {}", mean_power(&sent));
                assert!((0..K).all(|i| is_kept(i) || z[i] == Complex32::ZERO), "{name}: what is not kept is not sent");
            }
        }
    }
}

#[test]
fn an_image_alone_is_as_among_others() {
    for (method, _, training) in codecs() {
        let (codec, name, per_pass) =
            (training.codec(), method.card.name, (method.images_per_pass)(&serde_json::Value::Null));
        let (x, n) = (pixels(40), 784);
        let state = state(40, 0);
        let z = codec.encode(&x, &state).z;
        for image in [0, 7, 39] {
            let alone = codec.encode(&x[image * n..(image + 1) * n], &state.of(&[image])).z;
            assert!(near(&alone, &z[image * K..(image + 1) * K]), "{name}: symbols of image {image}");
        }
        let (_, link) = links(method).swap_remove(0);
        let per_image = link.delivers().per_image(K);
        let heard: Vec<Complex32> = z.iter().cycle().take(40 * per_image).copied().collect();
        let together = codec.decode_heard(&heard, per_image, &state);
        let pass: Vec<usize> = (per_pass..2 * per_pass).collect();
        let alone = &heard[per_pass * per_image..2 * per_pass * per_image];
        let alone = codec.decode_heard(alone, per_image, &state.of(&pass));
        for (alone, all) in [(&alone.pixels, &together.pixels), (&alone.logits, &together.logits)] {
            let each = all.len() / 40;
            let all = &all[per_pass * each..2 * per_pass * each];
            assert!(alone.len() == all.len() && alone.iter().zip(all).all(|(a, b)| (a - b).abs() < 1e-4), "{name}");
        }
    }
}

/// What is encoded here is decoded there, by weights that went through bytes.
#[test]
fn weights_from_bytes_are_the_same_codec() {
    for (method, _, training) in codecs() {
        let (here, there) = (training.codec(), zoo::load(&training.weights(None), Compute::Cpu).expect("own weights"));
        assert_eq!((there.card().name, there.task(), there.k()), (method.card.name, here.task(), K));
        let (x, state) = (pixels(20), state(20, 0));
        let sent = here.encode(&x, &state);
        assert_eq!(sent, there.encode(&x, &state), "{}", method.card.name);
        let (_, link) = links(method).swap_remove(0);
        assert_eq!(over(&here, link.as_ref(), &x), over(&there, link.as_ref(), &x), "{}", method.card.name);
    }
}

/// Pictures over a link at 15 dB and through a decoder; a lost frame is silence here.
fn over(codec: &Codec, link: &dyn Link, x: &[f32]) -> (Decoded, usize) {
    let n = x.len() / 784;
    let snr = vec![Snr::per_symbol(15.0); n.div_ceil(link.images_per_frame())];
    let frames = Frames::draw(link, n, K, &snr, Noise { seed: 3, purpose: "conformance", first: 0 });
    let state = frames.state();
    let z = codec.encode(x, &state).z;
    let (per_image, per_frame) = (link.delivers().per_image(K), link.images_per_frame());
    let mut lost = 0;
    let heard = frames.carry(&z).into_iter().enumerate().flat_map(|(frame, heard)| {
        lost += usize::from(heard.is_none());
        let images = per_frame.min(n - frame * per_frame);
        heard.map_or_else(|| vec![Complex32::ZERO; images * per_image], |heard| heard.values)
    });
    let heard: Vec<_> = heard.collect();
    (codec.decode_heard(&heard, per_image, &state), lost)
}

#[test]
fn the_thread_count_changes_no_bit() {
    for method in &METHODS {
        let (_, link) = links(method).swap_remove(0);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| {
                let mut training = begin(method, method.card.tasks[0], 5, 1);
                steps(training.as_mut(), link.as_ref(), 3);
                (training.weights(None), over(&training.codec(), link.as_ref(), &pixels(40)))
            })
        };
        assert!(run(1) == run(2), "{}: 1 and 2 threads differ", method.card.name);
    }
}

/// Losses of some steps.
fn steps(training: &mut dyn Training, link: &dyn Link, n: usize) -> Vec<f64> {
    let digits = digits::dataset(1, 0..200);
    let pictures = Pictures { pixels: &digits.images.pixels, labels: &digits.labels };
    let step = |_| {
        let step = training.advance(pictures, link).expect("finite numbers");
        if step.epoch_done {
            training.end_epoch(0.0);
        }
        step.loss
    };
    (0..n).map(step).collect()
}

/// Whatever the channel is said to be, a side whose card withholds it gives the same bits.
#[test]
fn what_a_card_withholds_changes_no_bit() {
    for (method, _, training) in codecs() {
        let (codec, card) = (training.codec(), method.card);
        let told = |needs: Needs| {
            let (one, other) = (state(20, 0), state(20, 5));
            match needs {
                Needs::Nothing => (one, other),
                Needs::Snr => (ChannelState { noise: other.noise, ..one.clone() }, one),
                Needs::NoiseMap => (ChannelState { snr: other.snr, ..one.clone() }, one),
            }
        };
        let (x, (one, other)) = (pixels(20), told(card.encoder));
        let z = codec.encode(&x, &one).z;
        assert_eq!(z, codec.encode(&x, &other).z, "{}: the encoder", card.name);
        let (_, link) = links(method).swap_remove(0);
        let per_image = link.delivers().per_image(K);
        let heard: Vec<Complex32> = z.iter().cycle().take(20 * per_image).copied().collect();
        let (one, other) = told(card.decoder);
        let decoded = |state| codec.decode_heard(&heard, per_image, state);
        assert!(decoded(&one) == decoded(&other), "{}: the decoder", card.name);
    }
}

/// Every method on every link is built and gives what its task asks for, or is refused by name when the file is read.
#[test]
fn every_method_takes_or_refuses_every_link() {
    let mut table = String::new();
    for method in &METHODS {
        let mut taken = 0;
        for (name, text) in LINKS {
            let spec = match spec(method, text) {
                Ok(spec) => spec,
                Err(why) => {
                    assert!(why.contains(method.card.name) && why.contains("cannot decode"), "{name}: {why}");
                    continue;
                }
            };
            taken += 1;
            let link = link_of(&spec);
            for &task in method.card.tasks {
                let mut training = begin(method, task, 1, 1);
                let losses = steps(training.as_mut(), link.as_ref(), 1);
                let (decoded, lost) = over(&training.codec(), link.as_ref(), &pixels(20));
                let values = match task {
                    Task::Recover => decoded.pixels,
                    Task::Execute => decoded.logits,
                };
                let each = if task == Task::Recover { 784 } else { 10 };
                assert!(
                    task == Task::Execute || values.iter().all(|x| (0.0..=1.0).contains(x)),
                    "{}",
                    method.card.name
                );
                assert!(
                    values.len() == 20 * each && values.iter().all(|x| x.is_finite()),
                    "{} on {name}",
                    method.card.name
                );
                writeln!(table, "{:10} {name:20} loss {:.4}, {lost} frames lost", method.card.name, losses[0])
                    .expect("text");
            }
        }
        assert!(taken > 0, "{} takes no link", method.card.name);
    }
    println!("{table}");
}

/// 200 steps on synthetic digits lower the loss of each task that a card declares by a fifth, at one of two learning rates:
/// deep convolutional networks run into black at the higher one, where a sigmoid has no slope.
#[test]
fn every_declared_task_can_be_learnt() {
    for method in &METHODS {
        let (name, link) = links(method).swap_remove(0);
        for &task in method.card.tasks {
            let falls = [2e-3, 1e-4].map(|learning_rate| {
                let mut plan = plan(method, task, 5, 20);
                plan.stages[0].learning_rate = learning_rate;
                let mut training = (method.begin)(plan, Compute::Cpu, None).expect("no weights to read");
                let losses = steps(training.as_mut(), link.as_ref(), 200);
                let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
                mean(&losses[190..]) / mean(&losses[..5])
            });
            let card = method.card;
            assert!(falls.iter().any(|&fall| fall < 0.8), "{} on {name}, {task:?}: loss times {falls:?}", card.name);
        }
    }
}
