//! Fidelity of ProxyNet to the link that it was trained on: D2AJSCC's unstated premise, measured.

use crate::Error;
use crate::curve::Curve;
use crate::data;
use crate::input;
use crate::metrics::Metric;
use crate::report::Table;
use crate::results::{DeployedOn, Provenance, Row, Trained};
use crate::spec::{Spec, SpecError, Split};
use jscc_nn::compute::Compute;
use jscc_nn::method::Method;
use jscc_nn::methods::d2ajscc::D2aJscc;
use jscc_nn::methods::d2ajscc::fidelity::{Fidelity, Likeness, Probe, measure};
use jscc_nn::tell::Tell;
use std::path::Path;

/// Measurement at one SNR.
#[derive(Debug, Clone)]
pub struct Point {
    /// The codec.
    pub codec: Trained,
    /// Pictures of the validation split.
    pub images: usize,
    /// Their frames.
    pub frames: usize,
    /// Es/N0 per data subcarrier.
    pub snr_db: f64,
    /// The measurement.
    pub found: Fidelity,
}

/// Measures at each SNR; `progress` receives the number done and the total.
pub fn run(spec: &Spec, data_dir: Option<&Path>, progress: &mut dyn FnMut(usize, usize)) -> Result<Vec<Point>, Error> {
    let wanted = spec.fidelity()?;
    let path = spec.resolve(&wanted.weights);
    let weights = input::bytes(&path).map_err(|reason| Error::Read { path: path.clone(), reason })?;
    let curve = Curve::new("ProxyNet", &path.display().to_string(), &weights, wanted.link.clone(), Compute::Cpu)?;
    let (card, link) = (curve.codec().card(), curve.link.as_ref());
    if card.name != D2aJscc::CARD.name {
        return Err(Error::WrongDelivery { codec: card.name.to_owned() });
    }
    let (theirs, ours) = (curve.codec().source().shape, spec.source().shape);
    if theirs != ours {
        let why = format!("[fidelity] has weights for pictures of {theirs:?}, not {ours:?}");
        return Err(SpecError::misfit(&spec.path, why).into());
    }
    let images = data::of(spec, Split::Validation, data_dir)?;
    let per_frame = link.images_per_frame();
    let whole = images.len().min(wanted.frames * per_frame) / per_frame * per_frame;
    if whole == 0 {
        let why = format!("{} validation images do not fill a frame of {per_frame}", images.len());
        return Err(SpecError::misfit(&spec.path, why).into());
    }
    let images = images.take(whole).images;
    let mut points = Vec::new();
    for &snr_db in &wanted.snr_db {
        progress(points.len(), wanted.snr_db.len());
        let probe = Probe { snr_db, pairs: wanted.pairs, seed: wanted.seed };
        let found = measure(&weights, link, &images.pixels, probe);
        let found = found.map_err(|reason| Error::Weights { path: path.clone(), reason })?;
        points.push(Point {
            codec: curve.trained(snr_db),
            images: images.len(),
            frames: whole / per_frame,
            snr_db,
            found,
        });
    }
    Ok(points)
}

/// The points as rows of results. Cosines are with the true link's blurred gradient, corrected for the sampling error
/// of that estimate and uncorrected: through ProxyNet, of ProxyNet at the link's values, of the identity.
pub fn rows(spec: &Spec, code: &str, points: &[Point]) -> Result<Vec<Row>, Error> {
    let wanted = spec.fidelity()?;
    let provenance = Provenance::of(spec, code);
    let row = |point: &Point| Row {
        provenance: provenance.clone(),
        curve: "ProxyNet".to_owned(),
        codec: Some(point.codec.clone()),
        deployed_on: DeployedOn::Link(wanted.link.clone()),
        tell: Tell::True,
        data: Some(spec.data_name()),
        split: Some(Split::Validation),
        images: point.images,
        seed: wanted.seed,
        k_mean: None,
        bandwidth_ratio: None,
        air_time_ratio: None,
        uses: None,
        energy: None,
        snr_db: point.snr_db,
        heard_snr_db: None,
        frames: point.frames,
        lost: 0,
        metrics: metrics(&point.found),
    };
    Ok(points.iter().map(row).collect())
}

fn metrics(found: &Fidelity) -> Vec<Metric> {
    let both = |name: &str, likeness: Likeness| {
        let Likeness { cosine, corrected } = likeness;
        [
            Metric::exact(&format!("cosine_{name}"), corrected),
            Metric::exact(&format!("cosine_{name}_estimated"), cosine),
        ]
    };
    let ways = [("proxy", found.proxy), ("guide", found.guide), ("straight", found.straight)];
    let first = [Metric::exact("imitation_db", found.imitation_db), Metric::exact("chance_db", found.chance_db)];
    let cosines = ways.into_iter().flat_map(|(name, likeness)| both(name, likeness));
    first.into_iter().chain(cosines).chain([Metric::exact("reliability", found.reliability)]).collect()
}

/// The points as a table.
pub fn table(points: &[Point]) -> Table {
    let headers = [
        "SNR dB",
        "imitation's error dB",
        "a second passage's",
        "cosine through ProxyNet",
        "by ProxyNet at the link's values",
        "by the identity",
        "reliability",
    ];
    let cosine = |likeness: Likeness| format!("{:.2} ({:.2})", likeness.corrected, likeness.cosine);
    let cells = |Point { snr_db, found, .. }: &Point| {
        vec![
            snr_db.to_string(),
            format!("{:.2}", found.imitation_db),
            if found.chance_db.is_finite() { format!("{:.2}", found.chance_db) } else { "none".to_owned() },
            cosine(found.proxy),
            cosine(found.guide),
            cosine(found.straight),
            format!("{:.2}", found.reliability),
        ]
    };
    Table { headers: headers.map(str::to_owned).to_vec(), rows: points.iter().map(cells).collect() }
}
