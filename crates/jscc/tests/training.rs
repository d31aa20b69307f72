//! Trainings from outside: killed, short of disk, two at a time, with several seeds.

mod door;
mod folders;

use door::{done, jscc, refused, text};
use folders::{TRAINING, names, write};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A whole run of [`TRAINING`] in a folder's `whole`, and how long it took.
fn whole_training(at: &Path) -> Duration {
    let begun = Instant::now();
    let whole = done(at, &["train", "tiny.toml", "--out", "whole", "--json"]);
    assert!(whole.starts_with('{') && whole.contains("\"seed\":1"), "{whole}");
    begun.elapsed()
}

fn assert_same_as_whole(at: &Path, run: &str) {
    for name in ["tiny.safetensors", "metrics.jsonl", "tiny.md"] {
        let [whole, other] = ["whole", run].map(|run| std::fs::read(at.join(run).join(name)).expect("written"));
        assert!(whole == other, "{name} differs between `whole` and `{run}`");
    }
}

/// Killed without warning five times, at random moments, and run again each time, a training ends with the bytes of one
/// that was left alone.
#[test]
fn a_killed_training_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    let took = whole_training(at);
    let mut killed_at = Vec::new();
    for _ in 0..5 {
        let random = f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX);
        let moment = took.mul_f64(0.6 * random);
        killed_at.push(moment);
        let mut child = Command::new(env!("CARGO_BIN_EXE_jscc"))
            .args(["train", "tiny.toml", "--out", "killed"])
            .current_dir(at)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(moment);
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    let resumed = jscc(at, &["train", "tiny.toml", "--out", "killed", "--tensorboard"]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    println!("killed after {killed_at:?} of {took:?}");
    assert_same_as_whole(at, "killed");
    assert!(at.join("killed/tensorboard").is_dir());

    let checkpoint = at.join("killed/checkpoint.safetensors");
    std::fs::write(&checkpoint, "damaged").expect("written");
    let resumed = jscc(at, &["train", "tiny.toml", "--out", "killed"]);
    let stderr = text(&resumed.stderr);
    assert!(resumed.status.success() && stderr.contains("going on from step 300"), "{stderr}");
    assert_same_as_whole(at, "killed");
    for name in ["checkpoint.safetensors", "checkpoint-previous.safetensors"] {
        std::fs::write(at.join("killed").join(name), "damaged").expect("written");
    }
    refused(at, &["train", "tiny.toml", "--out", "killed"], &["checkpoint.safetensors", "not a checkpoint"]);
    write(&folder, "tiny.toml", TRAINING.replacen("1e-3", "2e-3", 1));
    refused(at, &["train", "tiny.toml", "--out", "whole"], &["another experiment"]);
}

/// A disk that is full when a checkpoint is written: told, nothing lost, and with room again the run goes on.
#[test]
fn a_full_disk_keeps_the_last_checkpoint() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    let disk = at.join("disk");
    std::fs::create_dir(&disk).expect("folder");
    let mount = |options: &str| {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&disk).output();
        mount.is_ok_and(|out| out.status.success())
    };
    if !mount("size=4m") {
        println!("skipped: a small disk can only be mounted by root");
        return;
    }
    whole_training(at);
    let full = jscc(at, &["train", "tiny.toml", "--out", "disk/run"]);
    let kept = names(&at.join("disk/run"));
    let roomy = mount("remount,size=64m");
    let resumed = jscc(at, &["train", "tiny.toml", "--out", "disk/run"]);
    if roomy && resumed.status.success() {
        assert_same_as_whole(at, "disk/run");
    }
    Command::new("umount").arg(&disk).status().expect("unmounted");
    let stderr = text(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.to_lowercase().contains("no space"), "{stderr}");
    assert!(kept.contains(&"checkpoint.safetensors".to_owned()), "{kept:?}");
    assert!(roomy && resumed.status.success(), "{}", text(&resumed.stderr));
}

/// Of two trainings in one folder the second is refused at once, whichever experiment it is.
#[test]
fn a_folder_has_one_training_at_a_time() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING);
    std::fs::create_dir(at.join("mix")).expect("folder");
    let lock = std::fs::File::create(at.join("mix/lock")).expect("a lock");
    lock.lock().expect("locked");
    refused(at, &["train", "tiny.toml", "--out", "mix"], &["mix", "another process", "--out"]);
    assert_eq!(names(&at.join("mix")), ["lock"]);
}

#[test]
fn several_seeds_are_several_trainings() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    write(&folder, "tiny.toml", TRAINING.replace("[1]", "[1, 2]").replace("1600", "160"));
    let out = jscc(at, &["train", "tiny.toml"]);
    let stdout = text(&out.stdout);
    assert!(out.status.success() && stdout.contains("seed 2") && stdout.contains("mean"), "{}", text(&out.stderr));
    let [one, two] = [1, 2].map(|seed| at.join(format!("runs/tiny/seed-{seed}/tiny-seed{seed}.safetensors")));
    assert!(std::fs::read(one).expect("weights") != std::fs::read(two).expect("weights"));
    let out = jscc(at, &["train", "tiny.toml", "--device", "abacus"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("cpu, cuda and wgpu"), "{}", text(&out.stderr));
}

/// A codec per SNR, each in files of its name, and a curve that takes at every SNR the one for it; a second experiment
/// starts each seed from the weights of its own.
#[test]
fn a_codec_per_snr_and_starts_per_seed() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let each = TRAINING.replacen("seeds = [1]", "seeds = [1]\nat_db = [0, 20]", 1);
    assert!(each != TRAINING, "the training has one seed");
    write(&folder, "each.toml", &each);
    done(at, &["train", "each.toml", "--out", "."]);
    let files = ["0", "20"].map(|db| format!("tiny-at{db}dB/tiny-at{db}dB.safetensors"));
    let [low, high] = files.each_ref().map(|file| std::fs::read(at.join(file)).expect("written"));
    assert!(low != high, "trained at different SNRs");
    for db in ["0", "20"] {
        std::fs::rename(at.join(format!("tiny-at{db}dB/tiny-at{db}dB.safetensors")), at.join(format!("at{db}.st")))
            .expect("moved");
    }
    let sweep = "name = \"per\"\n[data.digits]\nseed = 1\nimages = 20\n[sweep]\ntitle = \"t\"\nseed = 1\nimages = 20\n\
        snr_db = [0, 20]\n[[sweep.curve]]\nlabel = \"each\"\nweights = \"at{snr_db}.st\"\nlink = \"ideal\"\n";
    write(&folder, "per.toml", sweep);
    let rows = done(at, &["eval", "per.toml", "--json"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 2);
    for (row, (snr_db, weights)) in rows.iter().zip([(0.0, &low), (20.0, &high)]) {
        assert_eq!((&row["snr_db"], &row["codec"]["weights"]), (&snr_db.into(), &"at{snr_db}.st".into()));
        assert_eq!(row["codec"]["weights_sha256"], jscc_radio::files::sha256(weights));
        assert_eq!(row["codec"]["trained_on"][0]["snr_db"], serde_json::json!([snr_db, snr_db]));
    }
    write(&folder, "per.toml", sweep.replace("[0, 20]", "[0, 10]"));
    refused(at, &["eval", "per.toml"], &["at10.st"]);

    for (seed, weights) in [("1", &low), ("2", &high)] {
        std::fs::write(at.join(format!("begin-{seed}.st")), weights).expect("written");
    }
    let start = TRAINING.replacen("seeds = [1]", "seeds = [1, 2]\nstart = \"begin-{seed}.st\"", 1);
    write(&folder, "start.toml", &start);
    done(at, &["train", "start.toml", "--out", "runs"]);
    std::fs::remove_file(at.join("begin-2.st")).expect("there");
    refused(at, &["train", "start.toml", "--out", "again"], &["begin-2.st"]);
}
