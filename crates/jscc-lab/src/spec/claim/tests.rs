use super::super::Spec;
use super::*;

/// Three curves at 0, 5 and 10 dB, up to the claim on line 27.
fn file(claim: &str) -> String {
    let head = "name = \"claims\"\n[data.digits]\nseed = 1\nimages = 64\n[sweep]\nseed = 1\nsnr_db = [10, 0, 5]\nimages = 40\n";
    let curve = |label| {
        format!("[[sweep.curve]]\nlabel = \"{label}\"\nweights = \"{label}.safetensors\"\nlink = \"ideal\"\n\n")
    };
    let curves: String = ["mixture", "at1", "at19"].map(curve).concat();
    format!("{head}\n{curves}[[claim]]\nsays = \"It is so.\"\n{claim}\n")
}

fn read(claim: &str) -> Result<ClaimKind, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.toml");
    std::fs::write(&path, file(claim)).unwrap();
    match Spec::read(&path) {
        Ok(mut spec) => Ok(spec.file.claim.remove(0).kind),
        Err(error) => Err(error.to_string().split_once("spec.toml").unwrap().1.to_owned()),
    }
}

/// The refusal, and its line.
fn refused(claim: &str, words: &str) {
    let refusal = read(claim).map(|kind| kind.criterion()).unwrap_err();
    assert!(refusal.starts_with(", line 27: ") && refusal.contains(words), "`{words}` is not in `{refusal}`");
}

fn in_words(claim: &str) -> String {
    read(claim).unwrap().criterion()
}

const TRACKS: &str = "tracks = { curve = \"mixture\", reference = \"at1\", within_db = 1 }";
const BEATS: &str = "beats = { curve = \"mixture\", rival = \"at1\", by_db = 0.5 }";
const NEAR: &str =
    "near_envelope = { curve = \"mixture\", specialists = [\"at1\", \"at19\"], mean_db = 0.5, worst_db = 1 }";
const CROSSES: &str = "crosses = { low = \"at1\", high = \"at19\", at_db = [0, 10], by_db = 2.5 }";
const DROPS: &str = "drops = { curve = \"mixture\", control = \"at1\", by_db = 0.3, from_db = 5 }";
const MONOTONE: &str = "monotone = { curve = \"mixture\", measure = \"ssim\", by = 0.01, rises = \"snr\" }";
const SCALAR: &str = "scalar = { curve = \"mixture\", measure = \"accuracy\", at_db = 5, between = [0.9, 1] }";

const AGREES: &str = "agrees = { curve = \"mixture\", points = [[0, 20.6], [10, 22]], mean_db = 0.35, worst_db = 0.7 }";

#[test]
fn criteria_are_in_words() {
    let (near, drops) = (in_words(NEAR), in_words(DROPS));
    assert_eq!(
        near,
        "\"mixture\" is below the best of \"at1\", \"at19\" by 0.5 dB on average and 1 dB anywhere at most"
    );
    assert_eq!(in_words(CROSSES), "\"at1\" is ahead of \"at19\" at 0 dB and behind at 10 dB, by 2.5 dB at least each");
    assert_eq!(drops, "\"at1\" is worse than \"mixture\" on average from 5 dB, by 0.3 dB at least");
    assert_eq!(in_words(MONOTONE), "ssim of \"mixture\" falls by 0.01 at most from one SNR to the next");
    assert_eq!(in_words(SCALAR), "accuracy of \"mixture\" at 5 dB is 0.9 to 1");
    assert_eq!(
        in_words(AGREES),
        "\"mixture\" is within 0.35 dB of 2 published points on average, within 0.7 dB of each"
    );
    let mse = in_words(&TRACKS.replace("within_db = 1", "within_mse = 0.002"));
    assert_eq!(mse, "\"mixture\" is within an MSE of 0.002 of \"at1\"");
    let points = BEATS.replace("by_db = 0.5", "metric = \"accuracy\", by_points = 2");
    assert_eq!(in_words(&points), "\"mixture\" is ahead of \"at1\", by 2 points at least");
    let any = in_words(&BEATS.replace("by_db = 0.5", "metric = \"accuracy\""));
    assert_eq!(any, "\"mixture\" is ahead of \"at1\", by 0 points at least");
}

#[test]
fn an_amount_fits_its_metric() {
    let by = |fields: &str| BEATS.replace("by_db = 0.5", fields);
    assert!(read(&by("metric = \"psnr_db\", by_db = 1")).is_ok());
    refused(&by("by_points = 2"), "by_points is in points of accuracy; add metric = \"accuracy\"");
    refused(&by("metric = \"accuracy\", by_db = 2"), "by_db is not for metric = \"accuracy\", which takes by_points");
    refused(&by("metric = \"psnr_db\", by_points = 2"), "by_points is in points of accuracy");
    refused(
        &by("metric = \"accuracy\", by_points = 2, by_db = 2"),
        "takes one of by_db, by_points; this has by_db, by_p",
    );
    refused(&by("metric = \"acuracy\", by_points = 2"), "did you mean `accuracy`?");
    refused(&by("by_point = 2"), "did you mean `by_points`?");
    let within = |fields: &str| TRACKS.replace("within_db = 1", fields);
    assert!(read(&within("metric = \"accuracy\", within_points = 1")).is_ok());
    refused(&within("metric = \"psnr_db\""), "takes one of within_db, within_points, within_mse; this has none");
    refused(&within("metric = \"accuracy\", within_mse = 1"), "which takes within_points");
    refused(&within("metric = \"psnr_db\", within_mse = 1"), "leave out metric");
    refused(&within("within_mse = -1"), "-1 is not 0 or a positive number");
    refused(&DROPS.replace("by_db = 0.3, ", ""), "takes one of by_db, by_points; this has none");
    refused(&DROPS.replace("0.3", "-0.3"), "-0.3 is not 0 or a positive number");
    refused(&CROSSES.replace("by_db", "by_points"), "add metric = \"accuracy\"");
}

#[test]
fn claims_name_curves_and_snrs_of_the_sweep() {
    refused(&NEAR.replace("\"at19\"", "\"at20\""), "unknown curve `at20`, expected one of");
    refused(&NEAR.replace("\"at19\"", "\"mixture\""), "holds `mixture` against itself");
    refused(&NEAR.replace("\"at19\"", "\"at1\""), "holds `at1` against itself");
    refused(&NEAR.replace("[\"at1\", \"at19\"]", "[]"), "has 0 entries");
    refused(&CROSSES.replace("[0, 10]", "[0, 20]"), "at_db = 20 is no SNR of the curve, which has 0, 5, 10");
    refused(&CROSSES.replace("[0, 10]", "[5, 5]"), "two different SNRs");
    refused(&CROSSES.replace("[0, 10]", "[10, 0]"), "the lower SNR comes first");
    refused(&SCALAR.replace("at_db = 5", "at_db = 7"), "at_db = 7 is no SNR of the curve");
    refused(&SCALAR.replace("[0.9, 1]", "[1, 0.9]"), "takes two numbers, the lower and the higher");
    refused(&DROPS.replace("from_db = 5", "from_db = 11"), "the curve has no SNR from 11 to inf dB");
    refused(&AGREES.replace("[10, 22]", "[7, 22]"), "at_db = 7 is no SNR of the curve");
    refused(&AGREES.replace("[[0, 20.6], [10, 22]]", "[]"), "has 0 entries");
    refused(&MONOTONE.replace("\"snr\"", "\"snrs\""), "did you mean `snr`?");
    refused(&NEAR.replace("near_envelope", "near_envelop"), "did you mean `near_envelope`?");
}

/// Rows know the file by this hash: one claim more that it could hold does not change what it holds.
#[test]
fn a_claim_is_hashed_as_it_was() {
    let hashed = |claim: &str| serde_json::to_value(read(claim).unwrap()).unwrap();
    let beats = serde_json::json!({ "beats": { "curve": "mixture", "rival": "at1", "by_db": 0.0, "from_db": null, "to_db": null } });
    assert_eq!(hashed(&BEATS.replace(", by_db = 0.5", "")), beats);
    let tracks = serde_json::json!({ "tracks": { "curve": "mixture", "reference": "at1", "within_db": 1.0 } });
    assert_eq!(hashed(TRACKS), tracks);
}
