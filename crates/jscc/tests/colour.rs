//! Trainings and figures of pictures other than 28x28 grey, from outside.

mod door;

use door::{done, jscc, refused, text};
use std::path::Path;

const CIFAR10: &str = r#"name = "tiny"

[data.cifar10]
dir = "cifar"
batches = [3]

[train]
k = 24
seeds = [1]
batch = 1000
config = { maps = [2, 4] }

[[train.stage]]
epochs = 1
learning_rate = 1e-3
snr_db = [0, 20]
link = "ideal"

[sweep]
seed = 1
images = 20
pictures = 2
snr_db = [10]

[[sweep.curve]]
label = "ideal"
weights = "run/tiny.safetensors"
link = "ideal"

[rivals]
seed = 1
snr_db = [10]
images = 20
images_per_frame = 10
ofdm_symbols = 16
"#;

fn write(at: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(at.join(name), bytes).expect("written");
}

/// A file of CIFAR-10's binary version: 10,000 records of a label and three planes, each plane of one level.
fn batch() -> Vec<u8> {
    let record = |i: usize| {
        let mut record = vec![(i % 10) as u8];
        record.extend((0..3).flat_map(|plane| [((i * (7 + plane)) % 256) as u8; 1024]));
        record
    };
    (0..10_000).flat_map(record).collect()
}

fn cifar10(at: &Path) {
    let folder = at.join("cifar/cifar-10-batches-bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["data_batch_3.bin", "test_batch.bin"] {
        std::fs::write(folder.join(name), batch()).expect("written");
    }
}

/// A codec for colour pictures is trained, measured and shown; the classical codecs refuse them.
#[test]
fn colour_pictures_are_trained_on_and_shown() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    cifar10(at);
    write(at, "tiny.toml", CIFAR10);
    done(at, &["train", "tiny.toml", "--out", "run"]);
    let card = std::fs::read_to_string(at.join("run/tiny.md")).expect("a card");
    for words in ["3×32×32", "CIFAR-10, training batches 3, training split, 8000 pictures", "red, green and blue"] {
        assert!(card.contains(words), "`{words}` is not in: {card}");
    }
    let rows = done(at, &["sweep", "tiny.toml", "--out", "out", "--json"]);
    let row: serde_json::Value = serde_json::from_str(rows.lines().next().expect("a row")).expect("JSON");
    assert_eq!((&row["images"], &row["k_mean"]), (&20.into(), &24.0.into()));
    assert!(at.join("out/tiny.png").is_file() && at.join("out/tiny.html").is_file());
    refused(at, &["rivals", "tiny.toml"], &["tiny.toml", "[3, 32, 32]", "[1, 28, 28]"]);

    write(at, "tiny.toml", CIFAR10.replace("[3]", "[3, 5]"));
    refused(at, &["train", "tiny.toml", "--out", "other"], &["data_batch_5.bin", "cifar"]);
    write(
        at,
        "tiny.toml",
        CIFAR10.replace("cifar10]\ndir = \"cifar\"\nbatches = [3]", "digits]\nseed = 1\nimages = 9"),
    );
    refused(at, &["eval", "tiny.toml"], &["[3, 32, 32]", "[1, 28, 28]"]);
}

/// An IDX set of a size of its own, as the experiment file says it.
#[test]
fn an_idx_set_is_of_any_size() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let idx = |dims: &[u32], bytes: &[u8]| {
        let head = [0, 0, 8, dims.len() as u8].into_iter().chain(dims.iter().flat_map(|dim| dim.to_be_bytes()));
        head.chain(bytes.iter().copied()).collect::<Vec<u8>>()
    };
    let pixels: Vec<u8> = (0..80 * 16 * 20).map(|i| (i % 256) as u8).collect();
    write(at, "train-images-idx3-ubyte", idx(&[80, 16, 20], &pixels));
    write(at, "train-labels-idx1-ubyte", idx(&[80], &[11; 80]));
    let data = "[data.idx]\ndir = \".\"\nsize = [16, 20]\nclasses = 12\nheld_out = 20";
    let spec = CIFAR10.replace("[data.cifar10]\ndir = \"cifar\"\nbatches = [3]", data).replace("1000", "20");
    write(at, "tiny.toml", &spec);
    done(at, &["train", "tiny.toml", "--out", "run"]);
    let card = std::fs::read_to_string(at.join("run/tiny.md")).expect("a card");
    assert!(card.contains("1×16×20") && card.contains("60 pictures"), "{card}");
    write(at, "tiny.toml", spec.replace("[16, 20]", "[28, 28]"));
    refused(at, &["train", "tiny.toml", "--out", "other"], &["images of 16x20, want 28x28", "size"]);
    write(at, "tiny.toml", spec.replace("classes = 12", "classes = 11"));
    refused(at, &["train", "tiny.toml", "--out", "other"], &["label 11 at 0, want 0 to 10"]);
    let out = jscc(at, &["sweep", "tiny.toml", "--data", "."]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
}
