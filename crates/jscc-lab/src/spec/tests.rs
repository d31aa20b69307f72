mod extremes;

use super::*;
use crate::data;
use jscc_nn::method::Source;
use jscc_nn::train::Schedule;

const GOOD: &str = r#"name = "tiny"

[data.digits]
seed = 1
images = 64

[train]
k = 12
seeds = [1]
batch = 16

[[train.stage]]
epochs = 2
learning_rate = 1e-3
snr_db = [-5, 35]
link = "ideal"

[sweep]
seed = 2
snr_db = [0, 10]

[[sweep.curve]]
label = "Wi-Fi"
weights = "w.safetensors"

[sweep.curve.link.wifi]
rate = 54
inversion = "trellis"
framing = "bare"
receive = "bits"
reception = "aided"
images_per_frame = 10
"#;

fn read(text: &str) -> Result<Spec, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.toml");
    std::fs::write(&path, text).unwrap();
    Spec::read(&path)
}

/// A stage with all its options.
#[test]
fn a_stage_becomes_a_plan() {
    let stage = r#"name = "rich"
epochs = 2
schedule = { steps = { epochs = [1], factor = 0.1 } }
warmup = 5
max_norm = 1.5
average = 0.99
patience = 3
turn = [{ learns = ["encoder"], steps = 2 }, { learns = ["encoder", "decoder"], steps = 1 }]"#;
    let spec = read(&GOOD.replace("epochs = 2", stage)).unwrap();
    let plan = spec.train().unwrap().plan(Source::MNIST, 7, 64).unwrap();
    let [stage] = &plan.stages[..] else { panic!("{plan:?}") };
    assert_eq!((plan.seed, plan.batch, stage.name.as_str()), (7, 16, "rich"));
    assert_eq!(stage.schedule, Schedule::Steps { epochs: vec![1], factor: 0.1 });
    assert_eq!((stage.warmup, stage.max_norm, stage.average, stage.patience), (5, Some(1.5), Some(0.99), Some(3)));
    assert_eq!((stage.turns[1].steps, stage.turns[1].learns.len()), (1, 2));
}

/// The refusal of the valid file with one line changed, after the file's name.
fn refusal(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "`{from}` is in the good file");
    let error = read(&GOOD.replacen(from, to, 1)).expect_err("must be refused");
    assert!(error.is_input());
    error.to_string().split_once("spec.toml").expect("names the file").1.to_owned()
}

#[test]
fn a_good_file_is_read() {
    let spec = read(GOOD).unwrap();
    assert_eq!(spec.train().unwrap().stage[0].link, LinkSpec::Ideal);
    assert_eq!(data::of(&spec, Split::Train, None).unwrap().len(), 64);
    assert!(data::of(&spec, Split::Train, Some(Path::new("x"))).unwrap_err().to_string().contains("leave out --data"));
    assert_eq!(spec.sweep().unwrap().pictures, 8);
    let wifi = spec.sweep().unwrap().curve[0].link.build(48).unwrap();
    assert_eq!(wifi.images_per_frame(), 10);
    assert!(spec.resolve(Path::new("w.safetensors")).ends_with("w.safetensors"));
}

#[test]
fn unknown_words_are_refused_with_line_and_suggestion() {
    assert!(refusal("epochs", "epoch").starts_with(", line 13: unknown field `epoch`"));
    assert!(refusal("epochs", "epoch").ends_with("; did you mean `epochs`?"));
    assert!(refusal("\"trellis\"", "\"treillis\"").ends_with("; did you mean `trellis`?"));
    assert!(refusal("\"ideal\"", "\"idael\"").ends_with("; did you mean `ideal`?"));
    assert!(refusal("data.digits", "data.digit").contains("did you mean `digits`?"));
    let schedule = |word: &str| refusal("epochs = 2", &format!("epochs = 2\nschedule = \"{word}\""));
    assert!(schedule("cosin").ends_with("; did you mean `cosine`?"));
    assert!(!refusal("epochs", "zzz").contains("did you mean"));
}

#[test]
fn bad_values_are_refused_with_their_line() {
    assert_eq!(refusal("epochs = 2", "epochs = 0"), ", line 13: 0 is not within 1 to 1000000");
    assert!(refusal("epochs = 2", "epochs = -1").starts_with(", line 13: "));
    assert!(refusal("k = 12", "k = 785").starts_with(", line 8: k = 785 is not within 1 to 784"));
    assert!(refusal("seeds = [1]", "seeds = [1, 2, 1]").contains("1 is there twice"));
    assert!(refusal("epochs = 2", "epochs = 2\naverage = 1.0").starts_with(", line 14: 1 is not within 0 to 1"));
    assert!(refusal("epochs = 2", "epochs = 2\npatience = 0").contains("0 is not within 1"));
    assert!(refusal("epochs = 2", "epochs = 2\nmax_norm = -1.0").contains("not a positive number"));
    assert!(refusal("1e-3", "0.0").contains("is not a positive number"));
    assert!(refusal("[-5, 35]", "[35, -5]").contains("the lower SNR comes first"));
    assert!(refusal("[-5, 35]", "[0, 1, 2]").contains("takes two SNRs"));
    assert!(refusal("\"Wi-Fi\"", "\"a\\nb\"").contains("words on one line"));
    assert!(refusal("[0, 10]", "[0, 1e9]").contains("is not within"));
    assert!(refusal("[0, 10]", "[0, nan]").contains("is not within"));
    assert!(refusal("[0, 10]", "[]").contains("has 0 entries, not 1 to 100"));
    let again = GOOD.split_once("[[sweep.curve]]").unwrap().1;
    let error = read(&format!("{GOOD}\n[[sweep.curve]]{again}")).expect_err("must be refused");
    assert!(error.to_string().contains("two curves have the label `Wi-Fi`"));
    assert!(refusal("rate = 54", "rate = 55").contains("`55` is no rate"));
    assert!(refusal("rate = 54", "rate = \"ht8\"").contains("`ht8` is no rate"));
    assert!(refusal("rate = 54", "rate = 5.4").contains("a rate is a number of Mb/s"));
    assert!(refusal("\"tiny\"", "\"../tiny\"").contains("cannot name files"));
    assert!(refusal("k = 12\n", "").contains("missing field `k`"));
    assert!(refusal("k = 12", "k = ").starts_with(", line 8: "));
}

/// The good file with other data.
fn with_data(data: &str) -> String {
    let (name, rest) = GOOD.split_once("[data.digits]\nseed = 1\nimages = 64\n").unwrap();
    format!("{name}{data}{rest}")
}

fn data_refusal(data: &str) -> String {
    let error = read(&with_data(data)).expect_err("must be refused");
    error.to_string().split_once("spec.toml").expect("names the file").1.to_owned()
}

#[test]
fn data_says_its_shape_unopened() {
    let source = |data: &str| {
        let spec = read(&with_data(data)).unwrap();
        (spec.source().shape, spec.source().classes, spec.data_name())
    };
    assert_eq!(source("[data.cifar10]\n"), ([3, 32, 32], 10, "CIFAR-10".into()));
    let some = source("[data.cifar10]\ndir = \"c\"\nbatches = [1, 2]\n");
    assert_eq!(some, ([3, 32, 32], 10, "CIFAR-10, training batches 1, 2".into()));
    assert_eq!(source("[data.idx]\ndir = \"f\"\n"), ([1, 28, 28], 10, "IDX files of f".into()));
    let sized = "[data.idx]\ndir = \"f\"\nsize = [32, 64]\nclasses = 47\nheld_out = 1000\n";
    assert_eq!(source(sized), ([1, 32, 64], 47, "IDX files of f".into()));
    let spec = read(&with_data("[data.cifar10]\n").replace("k = 12", "k = 3072")).unwrap();
    assert_eq!(spec.train().unwrap().k(), 3072);
    // A field without a value changes no hash.
    assert!(spec.resolved().contains(r#""data":{"cifar10":{}}"#), "{}", spec.resolved());
    let missing = data::of(&spec, Split::Test, Some(Path::new("nowhere"))).unwrap_err();
    assert!(missing.to_string().starts_with("nowhere: no such file or folder"), "{missing}");
}

#[test]
fn data_that_cannot_be_is_refused_with_its_line() {
    assert!(data_refusal("[data.cifar100]\n").ends_with("did you mean `cifar10`?"));
    let cifar10 = |line: &str| data_refusal(&format!("[data.cifar10]\n{line}\n"));
    assert!(cifar10("batch = [1]").starts_with(", line 4: unknown field `batch`"), "{}", cifar10("batch = [1]"));
    assert!(cifar10("batch = [1]").ends_with("did you mean `batches`?"));
    assert!(cifar10("batches = []").starts_with(", line 4: has 0 entries"));
    assert!(cifar10("batches = [1, 2, 1]").starts_with(", line 4: 1 is there twice"));
    for batch in ["0", "6"] {
        assert_eq!(
            cifar10(&format!("batches = [1, {batch}]")),
            format!(", line 4: CIFAR-10 has no batch {batch}, only 1 to 5")
        );
    }
    let idx = |line: &str| data_refusal(&format!("[data.idx]\ndir = \"f\"\n{line}\n"));
    assert!(data_refusal("[data.idx]\n").contains("missing field `dir`"));
    assert!(idx("size = [28]").starts_with(", line 5: takes two numbers, height and width"));
    assert!(idx("size = [28, 28, 3]").starts_with(", line 5: takes two numbers"));
    assert_eq!(idx("size = [28, 10]"), ", line 5: a side of 10 pixels is not within 11 to 512");
    assert!(idx("size = [28, 513]").starts_with(", line 5: a side of 513"));
    assert!(idx("classes = 257").starts_with(", line 5: 257 is not within 1 to 256"));
    assert!(idx("held_out = 0").starts_with(", line 5: 0 is not within 1"));
    assert!(idx("size = [30, 28]").contains("multiples of 4"));
    let most = read(&with_data("[data.cifar10]\n").replace("k = 12", "k = 3073")).unwrap_err().to_string();
    assert!(most.contains(", line 6: k = 3073 is not within 1 to 3072"), "{most}");
}

#[test]
fn a_missing_table_or_file_is_named() {
    let only_data = "name = \"a\"\n[data.digits]\nseed = 1\nimages = 1\n";
    assert!(read(only_data).unwrap().train().unwrap_err().to_string().contains("has no [train] table"));
    assert!(read(only_data).unwrap().sweep().unwrap_err().to_string().contains("has no [sweep] table"));
    assert!(Spec::read(Path::new("nowhere.toml")).unwrap_err().to_string().starts_with("nowhere.toml: "));
}

#[test]
fn a_ladder_rises() {
    let (before, wifi) = GOOD.split_once("[sweep.curve.link.wifi]").unwrap();
    let rung = |from_db: f64| {
        format!("[[sweep.curve.link.ladder]]\nfrom_db = {from_db:?}\n[sweep.curve.link.ladder.wifi]{wifi}")
    };
    let built = |upper: &str| {
        let spec = read(&format!("{before}{}{upper}", rung(0.0))).unwrap();
        spec.sweep().unwrap().curve[0].link.build(48).map(|link| link.images_per_frame())
    };
    assert_eq!(built(&rung(9.5).replace("rate = 54", "rate = 48")).unwrap(), 10);
    let alike = built(&rung(9.5)).unwrap_err().to_string();
    assert!(alike.contains("from 0 dB and from 9.5 dB have frames of the same rate and length"), "{alike}");
    let falling = read(&format!("{before}{}{}", rung(9.5), rung(0.0))).unwrap_err().to_string();
    assert!(falling.contains("rungs rise: 9.5 dB, 0 dB"), "{falling}");
    let bits = |images| {
        format!(
            "[[sweep.curve.link.ladder]]\nfrom_db = 20\nbits = {{ rate = 54, number = \"fixed4\", reception = \"aided\", \
             images_per_frame = {images} }}\n"
        )
    };
    let numbers = read(&format!("{before}{}{}", rung(0.0), bits(10))).unwrap();
    assert!(numbers.sweep().unwrap().curve[0].link.build(48).is_ok());
    let other = read(&format!("{before}{}{}", rung(0.0), bits(9))).unwrap_err().to_string();
    assert!(other.contains("the same images_per_frame"), "{other}");
    let neither = read(&format!("{before}[[sweep.curve.link.ladder]]\nfrom_db = 0\n")).unwrap_err().to_string();
    assert!(neither.contains("either `wifi` or `bits`"), "{neither}");
}

#[test]
fn weights_are_a_file_or_several() {
    let files = |weights: &str| {
        let spec = read(&GOOD.replace("\"w.safetensors\"", weights)).unwrap();
        spec.sweep().unwrap().curve[0].weights.get_ref().files().to_vec()
    };
    assert_eq!(files("\"w.safetensors\""), [Path::new("w.safetensors")]);
    assert_eq!(files("[\"a/1.safetensors\", \"a/2.safetensors\"]").len(), 2);
    let refused = |weights: &str| refusal("\"w.safetensors\"", weights);
    assert!(refused("[]").starts_with(", line 24: has 0 entries"), "{}", refused("[]"));
    assert!(refused("[\"w\", \"w\"]").starts_with(", line 24: `w` is there twice"));
    assert!(refused("[\"a/w\", \"b/w\"]").contains("`w` is there twice; rows tell trainings apart"));
    assert!(refused("7").contains("expected a file of weights, or a list of them"), "{}", refused("7"));
}

/// The refusal of the valid file with a second curve and a claim.
fn claim_refusal(claim: &str) -> String {
    let (_, curve) = GOOD.split_once("[[sweep.curve]]").unwrap();
    let again = curve.replace("\"Wi-Fi\"", "\"ideal\"");
    let text = format!("{GOOD}[[sweep.curve]]{again}\n[[claim]]\n{claim}\n");
    read(&text).map_or_else(|error| error.to_string().split_once("spec.toml").unwrap().1.to_owned(), |_| "read".into())
}

#[test]
fn claims_are_of_known_kinds_and_curves() {
    let says = |rest: &str| claim_refusal(&format!("says = \"It is so.\"\n{rest}"));
    let tracks = "tracks = { curve = \"Wi-Fi\", reference = \"ideal\", within_db = 1 }";
    assert_eq!(says(tracks), "read");
    assert_eq!(says(&format!("source = \"section 1\"\n{tracks}")), "read");
    let typo = says(&tracks.replace("\"ideal\"", "\"idael\""));
    assert_eq!(typo, ", line 47: unknown curve `idael`, expected one of `Wi-Fi`, `ideal`; did you mean `ideal`?");
    assert!(says(&tracks.replace("ideal", "Wi-Fi")).contains("holds `Wi-Fi` against itself"));
    assert!(says(&tracks.replace("within_db", "within")).contains("did you mean `within_db`?"));
    assert!(says(&tracks.replace("= 1 ", "= -1 ")).starts_with(", line 47: -1 is not 0 or a positive number"));
    assert!(says(&tracks.replacen("tracks", "track", 1)).contains("did you mean `tracks`?"));
    assert!(says("").contains("a claim has one of tracks, graceful,") && says("").ends_with("; this has none"));
    let graceful = "graceful = { curve = \"ideal\", slack_db = 0.05, step_db = 1.5 }";
    assert!(says(&format!("{tracks}\n{graceful}")).contains("this has several"));
    assert!(claim_refusal(tracks).contains("missing field `says`"));
}

#[test]
fn claims_need_snrs_that_the_sweep_has() {
    let of = |rest: &str| claim_refusal(&format!("says = \"It is so.\"\n{rest}"));
    assert!(of("cliff = { curve = \"ideal\", height_db = 8, flat_db = 1, width_db = 9 }").contains("width_db = 9 dB"));
    assert_eq!(of("cliff = { curve = \"ideal\", height_db = 8, flat_db = 1, width_db = 10 }"), "read");
    let worsens =
        |until: i32| format!("worsens = {{ curve = \"ideal\", until_db = {until}, by_db = 1, recovers_db = 1 }}");
    assert!(of(&worsens(9)).starts_with(", line 47: the curve has no SNR above its lowest up to until_db = 9 dB"));
    assert_eq!(of(&worsens(10)), "read");
    let beats = |rest: &str| format!("beats = {{ curve = \"ideal\", rival = \"Wi-Fi\"{rest} }}");
    assert!(of(&beats(", from_db = 1, to_db = 9")).contains("the curve has no SNR from 1 to 9 dB"));
    assert_eq!(of(&beats("")), "read");
    let alone = GOOD.replace("snr_db = [0, 10]", "snr_db = [0]");
    let claim = "[[claim]]\nsays = \"a\"\ngraceful = { curve = \"Wi-Fi\", slack_db = 0, step_db = 1 }\n";
    assert!(read(&format!("{alone}{claim}")).unwrap_err().to_string().contains("from two SNRs on"));
    assert!(read(GOOD).unwrap().claims().unwrap_err().to_string().contains("has no [[claim]] table"));
    let (no_sweep, _) = GOOD.split_once("[sweep]").unwrap();
    assert!(
        read(&format!("{no_sweep}{claim}")).unwrap_err().to_string().contains("about curves of [sweep] or [matrix]")
    );
}
