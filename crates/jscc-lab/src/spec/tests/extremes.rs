//! Every number of every experiment file at its extremes: reading and building end quickly, with a result or a one-line
//! error.

use crate::Error;
use crate::data;
use crate::spec::per::PerSpec;
use crate::spec::{LinkSpec, Spec, Split};
use jscc_nn::method::Source;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

const EXTREMES: [&str; 14] = [
    "0",
    "1",
    "-1",
    "2",
    "28",
    "200",
    "4096",
    "1000000",
    "-2147483648",
    "9223372036854775807",
    "nan",
    "inf",
    "1e300",
    "1e-300",
];
/// Time limit of one case, generous for slow machines.
const MOST: Duration = Duration::from_secs(10);

/// A file with all possible fields.
const EVERYTHING: &str = r#"name = "everything"
[data.digits]
seed = 1
images = 64
[train]
method = "d2ajscc"
k = 48
seeds = [1, 2]
batch = 60
config = { codec = { maps = [4, 8] }, compensation_maps = 4, proxy_maps = [2, 4, 8] }
[[train.stage]]
epochs = 2
learning_rate = 1e-3
schedule = { steps = { epochs = [1, 2], factor = 0.1 } }
warmup = 5
snr_db = [-5, 35]
max_norm = 1.5
average = 0.99
patience = 3
turn = [{ learns = ["compensation"], objective = "compensate", steps = 2 }, { learns = ["encoder"], objective = { proxy = 1, compensate = 0.5 }, steps = 1 }]
[train.stage.link.waveform]
rate = 54
inversion = "exact"
tones = "contiguous"
roll_off = 0.5
samples_per_symbol = 4
span = 8
centre = 14
aim = "waveform"
framing = "bare"
receive = "symbols"
hand = "waveform"
reception = "aided"
images_per_frame = 10
[sweep]
seed = 1
snr_db = [-5, 25]
images = 40
pictures = 4
[[sweep.curve]]
label = "mixed"
weights = "w.safetensors"
[sweep.curve.link.wifi]
rate = 54
inversion = "trellis"
framing = "mac"
receive = "mean"
reception = "unaided"
images_per_frame = 10
spare = 3
room = { mixed = { passes = 2 } }
silence = 0.05
[[sweep.curve]]
label = "exact"
weights = "w.safetensors"
[sweep.curve.link.wifi]
rate = 6
inversion = "exact"
framing = "mac"
receive = "bits"
reception = "aided"
images_per_frame = 10
spare = 1
[[sweep.curve]]
label = "ladder"
weights = "w.safetensors"
[[sweep.curve.link.ladder]]
from_db = -60
[sweep.curve.link.ladder.wifi]
rate = "ht7"
inversion = "trellis"
framing = "bare"
receive = "bits"
reception = "aided"
images_per_frame = 10
room = "spread"
[[sweep.curve.link.ladder]]
from_db = 15
[sweep.curve.link.ladder.bits]
rate = 54
number = "fixed4"
reception = "aided"
images_per_frame = 10
[[sweep.curve]]
label = "slow"
weights = "w.safetensors"
[sweep.curve.link.waveform]
rate = 6
inversion = "trellis"
tones = "free"
roll_off = 1.0
samples_per_symbol = 16
span = 8
centre = 0
aim = "symbols"
framing = "mac"
receive = "bits"
reception = "aided"
images_per_frame = 3
[[sweep.curve]]
label = "fading"
weights = "w.safetensors"
[sweep.curve.link.fading]
channel = "rayleigh"
csi = "zf"
floor = 0.1
[rivals]
seed = 1
snr_db = [0, 10]
images = 20
images_per_frame = 10
ofdm_symbols = 10
[fidelity]
weights = "w.safetensors"
seed = 1
snr_db = [0, 10]
frames = 2
pairs = 4
[fidelity.link.waveform]
rate = 54
inversion = "exact"
tones = "contiguous"
roll_off = 0.5
samples_per_symbol = 4
span = 8
centre = 14
aim = "waveform"
framing = "bare"
receive = "symbols"
hand = "waveform"
reception = "aided"
images_per_frame = 10
[[claim]]
says = "near"
tracks = { curve = "mixed", reference = "exact", within_db = 0.5 }
[[claim]]
says = "smooth"
graceful = { curve = "mixed", slack_db = 0.5, step_db = 2 }
[[claim]]
says = "steep"
cliff = { curve = "ladder", height_db = 3, flat_db = 1, width_db = 50 }
[[claim]]
says = "worse"
worsens = { curve = "fading", until_db = 30, by_db = 0.1, recovers_db = 1 }
[[claim]]
says = "better"
beats = { curve = "mixed", rival = "exact", by_db = 0.1, from_db = -5, to_db = 25 }
"#;

/// Positions of the numbers in a TOML text.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut in_string, mut in_comment, mut before) = (Vec::new(), false, false, '\n');
    let mut number: Option<usize> = None;
    for (at, c) in text.char_indices() {
        let goes_on = c.is_ascii_alphanumeric() || "._+-".contains(c);
        if let Some(start) = number.filter(|_| !goes_on) {
            found.push(start..at);
            number = None;
        }
        in_string ^= c == '"' && !in_comment;
        in_comment = (in_comment && c != '\n') || (c == '#' && !in_string);
        let begins = (c.is_ascii_digit() || "+-".contains(c)) && " =[,{".contains(before);
        if begins && number.is_none() && !in_string && !in_comment {
            number = Some(at);
        }
        before = c;
    }
    found
}

/// All processing of a file before pictures and weights are read; links that were built once are not built again.
fn prepare(path: &Path, built: &mut BTreeSet<String>) -> Result<(), Error> {
    let spec = Spec::read(path)?;
    let mut build = |link: &LinkSpec, k: usize| {
        if built.insert(format!("{link:?} {k}")) {
            link.build(k)?;
        }
        Ok::<(), Error>(())
    };
    if spec.file.train.is_some() {
        let train = spec.train()?;
        train.stage.iter().try_for_each(|stage| build(&stage.link, train.k()))?;
        for images in [1, 15, 55_000] {
            let Ok(plan) = train.plan(Source::MNIST, train.seeds[0], images) else { continue };
            assert!(
                plan.steps_per_epoch() > 0
                    && plan.batch.is_multiple_of((train.method.images_per_pass)(&train.config()))
            );
            let rates = plan.stages.iter().flat_map(|stage| [0, 7, 1 << 40].map(|step| (stage, step)));
            assert!(rates.into_iter().all(|(stage, step)| plan.learning_rate_at(stage, step) >= 0.0));
            assert!(plan.n_steps() > 0);
        }
    }
    if spec.file.sweep.is_some() {
        spec.sweep()?.curve.iter().try_for_each(|curve| build(&curve.link, 48))?;
    }
    if spec.file.fidelity.is_some() {
        build(&spec.fidelity()?.link, 48)?;
    }
    if spec.file.rivals.is_some() {
        spec.rivals()?;
    }
    Ok(())
}

/// Replaces numbers by extremes.
fn try_all(
    name: &str,
    text: &str,
    places: Vec<Range<usize>>,
    extremes: &[&str],
    prepare: &mut dyn FnMut(&Path) -> Result<(), Error>,
) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.toml");
    // A matrix names other experiments beside it.
    for beside in Path::new(name).parent().and_then(|parent| fs::read_dir(parent).ok()).into_iter().flatten() {
        let beside = beside.unwrap().path();
        if beside.extension().is_some_and(|extension| extension == "toml") {
            fs::copy(&beside, folder.path().join(beside.file_name().unwrap())).unwrap();
        }
    }
    fs::write(&path, text).unwrap();
    prepare(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut accepted = 0;
    for place in places {
        for extreme in extremes {
            let line = text[..place.start].matches('\n').count() + 1;
            let case = format!("{name}, line {line}: {} for {}", extreme, &text[place.clone()]);
            fs::write(&path, [&text[..place.start], extreme, &text[place.end..]].concat()).unwrap();
            let begun = Instant::now();
            let done = catch_unwind(std::panic::AssertUnwindSafe(|| prepare(&path)));
            let done = done.unwrap_or_else(|_| panic!("{case}: panicked"));
            assert!(begun.elapsed() < MOST, "{case}: {:?}", begun.elapsed());
            match done {
                Ok(()) => accepted += 1,
                Err(error) => {
                    let message = error.to_string();
                    assert!(error.is_input() && !message.contains('\n') && message.len() < 600, "{case}: {message}");
                }
            }
        }
    }
    accepted
}

#[test]
fn numbers_are_found() {
    let text = "a = 1 # 2\nb = [-3, 4e5,6.5]\nc = \"7 8\"\nd = { e = nan, f9 = +9 }\n";
    let found: Vec<_> = numbers(text).into_iter().map(|place| &text[place]).collect();
    assert_eq!(found, ["1", "-3", "4e5", "6.5", "+9"]);
    assert!(numbers(EVERYTHING).len() > 70);
}

#[test]
fn no_number_of_any_field_brings_it_down() {
    let mut built = BTreeSet::new();
    assert!(
        try_all("everything", EVERYTHING, numbers(EVERYTHING), &EXTREMES, &mut |path| prepare(path, &mut built)) > 100
    );
}

/// Large pictures allow more symbols than any frame carries.
#[test]
fn no_number_of_other_data_brings_it_down() {
    let digits = "[data.digits]\nseed = 1\nimages = 64\n";
    let idx = "[data.idx]\ndir = \"f\"\nsize = [512, 512]\nclasses = 10\nheld_out = 100\n";
    let text = EVERYTHING.replace(digits, idx);
    let places = first_of_each_key(&text).into_iter().filter(|place| text[..place.start].matches('\n').count() < 9);
    let extremes = [&EXTREMES[..], &["262144"]].concat();
    let mut built = BTreeSet::new();
    assert!(try_all("idx", &text, places.collect(), &extremes, &mut |path| prepare(path, &mut built)) > 10);
}

/// The first number of each key: others with the same key are parsed alike.
fn first_of_each_key(text: &str) -> Vec<Range<usize>> {
    let mut seen = BTreeSet::new();
    let key = |place: &Range<usize>| {
        let line = text[..place.start].rfind('\n').map_or(0, |end| end + 1);
        text[line..place.start].split('=').next().unwrap_or_default().trim().to_owned()
    };
    numbers(text).into_iter().filter(|place| seen.insert(key(place))).collect()
}

#[test]
fn no_number_of_a_committed_file_brings_it_down() {
    let mut built = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (name, text) = (path.display().to_string(), fs::read_to_string(&path).unwrap());
        let is_per = text.contains("[per]");
        let few = ["0", "-1", "9223372036854775807", "nan", "1e300"];
        try_all(&name, &text, first_of_each_key(&text), &few, &mut |path| {
            if is_per { PerSpec::read(path).map(drop) } else { prepare(path, &mut built) }
        });
    }
}

/// Each was a panic, a hang or exhausted memory: the line must name the field.
#[test]
fn what_cannot_be_is_refused_by_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.toml");
    for (from, to, words) in [
        ("spare = 3", "spare = 200", "spare = 200"),
        ("from_db = -60", "from_db = nan", "NaN dB"),
        ("from_db = 15", "from_db = nan", "NaN dB"),
        ("samples_per_symbol = 4", "samples_per_symbol = 1000000000", "samples_per_symbol = 1000000000"),
        ("span = 8", "span = 1000000000", "span = 1000000000"),
        ("centre = 14", "centre = -2147483648", "centre = -2147483648"),
        ("images = 20", "images = 9", "images_per_frame = 10"),
        ("ofdm_symbols = 10", "ofdm_symbols = 153", "ofdm_symbols = 153"),
        ("silence = 0.05", "silence = 1e300", "not within 0 to 1000"),
    ] {
        assert!(EVERYTHING.contains(from), "{from}");
        fs::write(&path, EVERYTHING.replacen(from, to, 1)).unwrap();
        let message = prepare(&path, &mut BTreeSet::new()).expect_err(to).to_string();
        assert!(message.contains(words), "{to}: {message}");
    }
    let fidelity = EVERYTHING.find("[fidelity]").unwrap();
    let (head, tail) = EVERYTHING.split_at(fidelity);
    fs::write(&path, head.to_owned() + &tail.replacen("aided", "unaided", 1)).unwrap();
    let message = prepare(&path, &mut BTreeSet::new()).unwrap_err().to_string();
    assert!(message.contains("reception = \"aided\""), "{message}");
    fs::write(&path, EVERYTHING.replace("images = 64", "images = 15")).unwrap();
    let spec = Spec::read(&path).unwrap();
    let images = data::of(&spec, Split::Train, None).unwrap().len();
    let why = spec.train().unwrap().plan(Source::MNIST, 1, images).map(|plan| plan.batch);
    assert!(why == Ok(10) || why.is_err(), "{why:?}");
}
