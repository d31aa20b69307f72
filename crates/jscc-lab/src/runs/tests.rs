use super::*;
use crate::data::mnist::tests::training_folder;
use std::fs;
use tempfile::TempDir;

const TRAINING: &str = r#"name = "a"
[data.mnist]
[train]
k = 2
seeds = [1]
batch = 1
[[train.stage]]
epochs = 1
learning_rate = 1e-3
snr_db = [0, 9]
link = "ideal"
"#;

fn spec(folder: &TempDir, text: &str) -> Spec {
    let path = folder.path().join("a.toml");
    fs::write(&path, text).unwrap();
    Spec::read(&path).unwrap()
}

fn open<'a>(spec: &'a Spec, runs: &TempDir, data: &TempDir) -> Result<Run<'a>, Error> {
    Run::open(spec, 1, &runs.path().join("run"), Some(data.path()), Compute::Cpu)
}

#[test]
fn a_run_goes_on_with_its_own_pictures_only() {
    let (runs, own, others) = (tempfile::tempdir().unwrap(), training_folder(5002, ""), training_folder(5003, ""));
    let spec = spec(&runs, TRAINING);
    let trained = open(&spec, &runs, &own).unwrap().finish("test", &mut |_| {}).unwrap();
    assert!(fs::read_to_string(trained.card).unwrap().contains("2 pictures"));
    assert_eq!(open(&spec, &runs, &own).unwrap().steps(), (2, 2));
    assert!(matches!(open(&spec, &runs, &others).err(), Some(Error::OtherRun { .. })));
}

/// Damage to the newer checkpoint loses the steps since the older one; damage to both is reported.
#[test]
fn a_damaged_checkpoint_gives_way_to_the_one_before() {
    let (runs, data) = (tempfile::tempdir().unwrap(), training_folder(5002, ""));
    let spec = spec(&runs, &TRAINING.replace("epochs = 1", "epochs = 3"));
    let whole = open(&spec, &runs, &data).unwrap().finish("test", &mut |_| {}).unwrap();
    let weights = fs::read(&whole.weights).unwrap();
    let log = fs::read(runs.path().join("run/metrics.jsonl")).unwrap();

    let newest = runs.path().join("run/checkpoint.safetensors");
    let good = fs::read(&newest).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for damage in [&good[..good.len() / 2], &[], &flipped] {
        fs::write(&newest, damage).unwrap();
        let run = open(&spec, &runs, &data).unwrap();
        assert_eq!(run.steps(), (4, 6), "the checkpoint before the last epoch");
        assert!(run.notice().is_some_and(|notice| notice.contains("going on from step 4")), "{:?}", run.notice());
        let again = run.finish("test", &mut |_| {}).unwrap();
        assert!(fs::read(again.weights).unwrap() == weights, "same weights after going back");
        assert!(fs::read(runs.path().join("run/metrics.jsonl")).unwrap() == log, "same log after going back");
    }
    fs::rename(&newest, runs.path().join("run/checkpoint-previous.safetensors")).unwrap();
    assert_eq!(open(&spec, &runs, &data).unwrap().steps().0, 6, "killed between two renames");
    for name in ["checkpoint.safetensors", "checkpoint-previous.safetensors"] {
        fs::write(runs.path().join("run").join(name), "damaged").unwrap();
    }
    assert!(matches!(open(&spec, &runs, &data).err(), Some(Error::Checkpoint { .. })));
}

#[test]
fn the_log_is_shown_in_tensorboard() {
    let (runs, data) = (tempfile::tempdir().unwrap(), training_folder(5002, ""));
    let spec = spec(&runs, TRAINING);
    let mut run = open(&spec, &runs, &data).unwrap();
    let folder = run.show_in_tensorboard().unwrap();
    run.finish("test", &mut |_| {}).unwrap();
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let events = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    for tag in ["train/loss", "train/gradient_norm", "validation_psnr_db/at_-5_dB"] {
        assert!(events.contains(tag), "{tag}");
    }
}

#[test]
fn a_folder_is_of_one_process_at_a_time() {
    let (runs, data) = (tempfile::tempdir().unwrap(), training_folder(5002, ""));
    let spec = spec(&runs, TRAINING);
    let first = open(&spec, &runs, &data).unwrap();
    let busy = open(&spec, &runs, &data).err().unwrap();
    assert!(matches!(busy, Error::Busy { .. }) && busy.is_input(), "{busy}");
    drop(first);
    open(&spec, &runs, &data).unwrap().finish("test", &mut |_| {}).unwrap();
}

/// A foreign checkpoint is not continued, unless it is of a version that did not store the run's name.
#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let (runs, data) = (tempfile::tempdir().unwrap(), training_folder(5002, ""));
    let first = spec(&runs, TRAINING);
    open(&first, &runs, &data).unwrap().finish("test", &mut |_| {}).unwrap();
    let other = runs.path().join("other");
    let run = |seed| Run::open(&first, seed, &other, Some(data.path()), Compute::Cpu);
    run(2).unwrap().finish("test", &mut |_| {}).unwrap();
    fs::copy(runs.path().join("run/checkpoint.safetensors"), other.join("checkpoint.safetensors")).unwrap();
    let error = run(2).err().unwrap();
    assert!(matches!(error, Error::Checkpoint { .. }) && error.to_string().contains("another run"), "{error}");
    assert!(error.to_string().contains("checkpoint.safetensors"), "{error}");
}

#[test]
fn what_is_refused_leaves_no_folder() {
    let (runs, data) = (tempfile::tempdir().unwrap(), training_folder(5002, ""));
    let spec = spec(&runs, &TRAINING.replace("batch = 1", "batch = 1\nstart = \"none.safetensors\""));
    assert!(matches!(open(&spec, &runs, &data).err(), Some(Error::Read { .. })));
    assert!(!runs.path().join("run").exists());
}

#[test]
fn a_training_that_died_is_told() {
    let (runs, data) = (tempfile::tempdir().unwrap(), training_folder(5032, ""));
    let dead = spec(&runs, &TRAINING.replace("1e-3", "50").replace("epochs = 1", "epochs = 3"));
    let trained = open(&dead, &runs, &data).unwrap().finish("test", &mut |_| {}).unwrap();
    let warning = trained.warning.expect("a rate of 50 kills");
    assert!(fs::read_to_string(trained.card).unwrap().contains(&warning), "{warning}");
}
