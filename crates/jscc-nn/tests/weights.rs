//! Weights in files: what they say, and what becomes of damaged ones.

mod discs;

use discs::{Trainer, begin, pictures, plan};
use jscc_nn::codec::Codec;
use jscc_nn::compute::Compute;
use jscc_nn::method::{ChannelState, Source, Task};
use jscc_nn::train::{Plan, Training};
use jscc_nn::weights::{Origin, TrainedOn, WeightsError, about};
use jscc_nn::zoo;

fn load(bytes: &[u8]) -> Result<Codec, WeightsError> {
    zoo::load(bytes, Compute::Cpu)
}

fn unknown() -> ChannelState {
    ChannelState::default()
}

/// The same weights as another program would write them.
fn without_checksum(bytes: &[u8]) -> Vec<u8> {
    let file = safetensors::SafeTensors::deserialize(bytes).expect("weights");
    safetensors::serialize(file.tensors(), None).expect("weights")
}

#[test]
fn weights_come_back_and_damaged_ones_are_refused() {
    let trainer = begin(&plan(16, 1));
    let bytes = trainer.weights(None);
    let read = load(&bytes).expect("own weights");
    assert_eq!(read.k(), 12);
    let x = pictures(2);
    assert_eq!(read.encode(&x, &unknown()), trainer.codec().encode(&x, &unknown()));
    assert!(read.decode(&read.encode(&x, &unknown()).z, &unknown()).pixels.iter().all(|p| (0.0..=1.0).contains(p)));

    for cut in [0, 1, 7, 8, 9, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(load(&bytes[..cut]), Err(WeightsError::Malformed(_))), "cut at {cut}");
    }
    for at in [bytes.len() / 2, bytes.len() - 1] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert!(matches!(load(&flipped), Err(WeightsError::Malformed(_))), "flipped at {at}");
    }
    let mut not_finite = without_checksum(&bytes);
    assert!(load(&not_finite).is_ok(), "weights from elsewhere have no checksum");
    let at = not_finite.len() - 4;
    not_finite[at..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(load(&not_finite), Err(WeightsError::NotFinite)));
    let mut renamed = without_checksum(&bytes);
    let name = b"encoder.body.weight";
    let at = renamed.windows(name.len()).position(|w| w == name).expect("its name is in the header");
    renamed[at] = b'f';
    let Err(WeightsError::Mismatch(why)) = load(&renamed) else { panic!("it must be refused") };
    assert_eq!(why.lines().count(), 1, "{why}");
    let wrong_k = Trainer::from_weights(Plan { k: 13, ..plan(16, 1) }, Compute::Cpu, &trainer.weights(None));
    assert!(matches!(wrong_k.err(), Some(WeightsError::Mismatch(_))));
}

/// Weights with an entry of metadata in place of their own.
fn with_entry(bytes: &[u8], key: &str, entry: String) -> Vec<u8> {
    let file = safetensors::SafeTensors::deserialize(bytes).expect("weights");
    safetensors::serialize(file.tensors(), Some([(key.to_owned(), entry)].into())).expect("weights")
}

#[test]
fn weights_say_what_they_are() {
    let trainer = begin(&plan(16, 1));
    let origin = Origin {
        experiment: "discs".into(),
        spec_sha256: "00".into(),
        seed: 5,
        data: "discs".into(),
        trained_on: vec![TrainedOn { link: "ideal".into(), snr_db: [0.0, 20.0] }],
        passes: Some(48),
    };
    let bytes = trainer.weights(Some(&origin));
    let found = about(&bytes).expect("readable").expect("there");
    assert_eq!((found.method.as_str(), found.k, found.origin.as_ref()), ("deepjscc", 12, Some(&origin)));
    assert_eq!((found.source, found.task), (Source::MNIST, Task::Recover));
    assert_eq!(trainer.weights(Some(&origin)), bytes, "equal runs give equal bytes");
    assert_eq!(
        load(&bytes).expect("own weights").encode(&pictures(1), &unknown()),
        trainer.codec().encode(&pictures(1), &unknown())
    );
    assert_eq!(about(&without_checksum(&bytes)).expect("readable"), None);

    let entry = serde_json::to_value(&found).expect("JSON");
    let changed = |field: &str, value: serde_json::Value| {
        let mut entry = entry.clone();
        entry[field] = value;
        load(&with_entry(&bytes, "jscc", entry.to_string())).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(changed("seed", 1.into()), "", "what is not known is passed over");
    assert!(changed("method", "telepathy".into()).contains("`telepathy` is not one of this version's"));
    assert!(changed("method", "d2ajscc".into()).contains("not those of D2AJSCC"));
    assert!(changed("k", 13.into()).contains("k = 13") && changed("k", 0.into()).contains("k = 0"));
    assert!(
        changed("k", (-1).into()).contains("cannot be read") && changed("k", 1e9.into()).contains("cannot be read")
    );
    assert!(changed("crc32", "0".into()).contains("checksum"));
    assert!(changed("task", "execute".into()).contains("task"));
    assert!(changed("config", serde_json::json!({ "maps": [16, 33] })).contains("not those of DeepJSCC"));
    assert!(changed("config", serde_json::json!({ "maps": [16, 1_000_000] })).contains("not within 1 to 1024"));
    assert!(changed("config", serde_json::json!({ "map": 3 })).contains("unknown field `map`"));
    let source = |shape: [usize; 3]| serde_json::json!({ "shape": shape, "classes": 10 });
    assert!(changed("source", source([1, 30, 28])).contains("multiples of 4"));
    assert!(changed("source", source([1, 32, 28])).contains("not those of DeepJSCC"));
    assert!(changed("source", source([3, usize::MAX, 4])).contains("pictures of"));
    let long = with_entry(&bytes, "jscc", " ".repeat(100_000));
    assert!(matches!(load(&long), Err(WeightsError::Malformed(_))));
}

/// Shipped weights, and the same as versions before wrote them: without a header, of the method that has all their parts.
#[test]
fn weights_with_and_without_a_header_load() {
    for (name, method) in [("ideal-mnist-k48-seed1", "deepjscc"), ("d2ajscc-mnist-k48-128us-seed1", "d2ajscc")] {
        let path = format!("{}/../../models/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).expect("shipped");
        let about = about(&bytes).expect("readable").expect("there");
        assert_eq!(about.origin.map(|origin| origin.seed), Some(1));
        for bytes in [without_checksum(&bytes), bytes] {
            let read = load(&bytes).expect("weights");
            assert_eq!((read.k(), read.card().name), (48, method));
        }
    }
}

/// A classifier of nothing, and one of other things than its tensors are for.
#[test]
fn a_classifier_of_other_things_is_refused() {
    let path = format!("{}/../../models/classifier-mnist-k16-seed1.safetensors", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).expect("shipped");
    let entry = serde_json::to_value(about(&bytes).expect("readable").expect("there")).expect("JSON");
    let with = |classes: usize| {
        let mut entry = entry.clone();
        entry["source"]["classes"] = classes.into();
        load(&with_entry(&bytes, "jscc", entry.to_string())).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(with(10), "");
    assert!(with(0).contains("0 kinds of things"), "{}", with(0));
    assert!(with(11).contains("not those of Classifier") && with(1 << 40).contains("pictures of"));
}
