//! How well ProxyNet stands in for the link that it was trained on: D2AJSCC's unstated premise, measured.

use crate::Error;
use crate::input;
use crate::report::Table;
use crate::spec::{LinkSpec, Spec, SpecError, Split};
use jscc_nn::codec::Codec;
use jscc_nn::compute::Compute;
use jscc_nn::methods::Method;
use jscc_nn::methods::d2ajscc::fidelity::{Fidelity, Likeness, Probe, measure};
use jscc_nn::methods::d2ajscc::{D2aJscc, IMAGES};
use jscc_radio::files::sha256;
use serde::Serialize;
use std::path::Path;

/// One SNR.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Experiment's name.
    pub experiment: String,
    /// SHA-256 of the experiment file.
    pub spec_sha256: String,
    /// Version and commit of the code.
    pub code: String,
    /// SHA-256 of the weights.
    pub weights_sha256: String,
    /// The link.
    pub link: LinkSpec,
    /// Pictures of the validation split.
    pub images: usize,
    /// Blurred pairs a frame.
    pub pairs: usize,
    /// Seed of noise and blur.
    pub seed: u64,
    /// Es/N0 per data subcarrier.
    pub snr_db: f64,
    /// Error of the imitation against the compensated link, relative to the latter.
    pub imitation_db: f64,
    /// The same between two passages over the link; minus infinity, null in JSON, where both brought the same.
    pub chance_db: f64,
    /// Cosines with the true link's blurred gradient, estimated and corrected for the estimate's own chance: through
    /// ProxyNet, by ProxyNet at the link's values, by the identity.
    pub cosine_proxy: [f64; 2],
    /// As above.
    pub cosine_guide: [f64; 2],
    /// As above.
    pub cosine_straight: [f64; 2],
    /// Of the true link's estimated gradient.
    pub reliability: f64,
}

/// Measures at each SNR; tells how many of how many are done.
pub fn run(
    spec: &Spec,
    data_dir: Option<&Path>,
    code: &str,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Row>, Error> {
    let wanted = spec.fidelity()?;
    let path = spec.resolve(&wanted.weights);
    let weights = input::bytes(&path).map_err(|reason| Error::Read { path: path.clone(), reason })?;
    let refuse = |reason| Error::Weights { path: path.clone(), reason };
    let codec = Codec::from_safetensors(&weights, Compute::Cpu).map_err(refuse)?;
    let link = wanted.link.build_for(codec.method(), codec.k())?;
    if codec.method().name != D2aJscc::NAME {
        return Err(Error::Deaf { codec: codec.method().name.to_owned() });
    }
    let images = spec.images(Split::Validation, data_dir)?;
    let whole = images.len().min(wanted.frames * IMAGES) / IMAGES * IMAGES;
    if whole == 0 {
        let why = format!("{} validation images do not fill a frame of {IMAGES}", images.len());
        return Err(SpecError::misfit(&spec.path, why).into());
    }
    let images = images.take(whole).images;
    let mut rows = Vec::new();
    for &snr_db in &wanted.snr_db {
        progress(rows.len(), wanted.snr_db.len());
        let probe = Probe { snr_db, pairs: wanted.pairs, seed: wanted.seed };
        let found = measure(&weights, link.as_ref(), &images.pixels, probe);
        let found = found.map_err(|reason| Error::Weights { path: path.clone(), reason })?;
        rows.push(row(spec, code, &weights, images.len(), snr_db, &found)?);
    }
    Ok(rows)
}

fn row(spec: &Spec, code: &str, weights: &[u8], images: usize, snr_db: f64, found: &Fidelity) -> Result<Row, Error> {
    let wanted = spec.fidelity()?;
    let both = |likeness: Likeness| [likeness.cosine, likeness.corrected];
    Ok(Row {
        experiment: spec.file.name.clone(),
        spec_sha256: spec.sha256(),
        code: code.to_owned(),
        weights_sha256: sha256(weights),
        link: wanted.link.clone(),
        images,
        pairs: wanted.pairs,
        seed: wanted.seed,
        snr_db,
        imitation_db: found.imitation_db,
        chance_db: found.chance_db,
        cosine_proxy: both(found.proxy),
        cosine_guide: both(found.guide),
        cosine_straight: both(found.straight),
        reliability: found.reliability,
    })
}

/// Rows for people.
pub fn table(rows: &[Row]) -> Table {
    let headers = [
        "SNR dB",
        "imitation's error dB",
        "a second passage's",
        "cosine through ProxyNet",
        "by ProxyNet at the link's values",
        "by the identity",
        "reliability",
    ];
    let cosine = |[estimated, corrected]: [f64; 2]| format!("{corrected:.2} ({estimated:.2})");
    let cells = |row: &Row| {
        vec![
            row.snr_db.to_string(),
            format!("{:.2}", row.imitation_db),
            if row.chance_db.is_finite() { format!("{:.2}", row.chance_db) } else { "none".to_owned() },
            cosine(row.cosine_proxy),
            cosine(row.cosine_guide),
            cosine(row.cosine_straight),
            format!("{:.2}", row.reliability),
        ]
    };
    Table { headers: headers.map(str::to_owned).to_vec(), rows: rows.iter().map(cells).collect() }
}
