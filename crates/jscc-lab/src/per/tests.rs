use super::*;

const SPEC: &str = r#"name = "tiny"

[per]
seed = 1
rates = [54]
octets = 100
carrier_ghz = 5.8
offset_ppm = 40
step_db = 1
per_range = [0.05, 0.5]
packets = 60
errors = 30
"#;

fn spec() -> PerSpec {
    PerSpec { path: "tiny.toml".into(), text: SPEC.into(), file: toml::from_str(SPEC).unwrap() }
}

#[test]
fn noise_decides_what_arrives() {
    let spec = spec();
    for mcs in [Mcs::M54, Mcs::HT7] {
        for reception in [Reception::Aided, Reception::Unaided] {
            let trial = Trial::new(&spec.file.per, mcs, reception);
            let fates = |db: f64| -> Vec<Fate> {
                (0..5).map(|i| trial.fate(Snr::per_symbol(db), i, &Transform::default())).collect()
            };
            assert!(fates(35.0).iter().all(|&fate| fate == Fate::Right), "{mcs} {reception:?}: {:?}", fates(35.0));
            let lost = if reception == Reception::Aided { Fate::WrongBits } else { Fate::NoPreamble };
            assert!(fates(-15.0).iter().all(|&fate| fate == lost), "{mcs} {reception:?}: {:?}", fates(-15.0));
        }
    }
}

#[test]
fn curves_span_what_was_asked_whatever_the_thread_count() {
    let lines = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut last = 0.0;
        let mut progress = |part: f64| {
            assert!(part >= last && part <= 1.0, "{part} after {last}");
            last = part;
        };
        let points = pool.install(|| run(&spec(), &mut progress));
        rows(&spec(), "test", &points).iter().map(crate::results::to_json).collect::<Vec<_>>()
    };
    let two = lines(2);
    assert_eq!(two, lines(1));
    assert!(two.iter().all(|line| line.contains("\"rate\":54")), "{two:?}");

    let rows = run(&spec(), &mut |_| {});
    for curve in rows.chunk_by(|a, b| a.air.reception == b.air.reception) {
        assert!(curve.is_sorted_by(|a, b| a.snr_db < b.snr_db));
        assert!(curve[0].per >= 0.5 && curve.last().unwrap().per <= 0.05, "{curve:?}");
    }
    let [summary] = summarise(&rows)[..] else { panic!("one rate") };
    let loss = summary.loss_db().expect("both cross 10 %");
    assert!((-0.5..3.0).contains(&loss), "{loss} dB");
}
