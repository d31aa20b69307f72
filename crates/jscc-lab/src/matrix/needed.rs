//! The trainings that the rows of a matrix are of.

use crate::Error;
use crate::input;
use crate::runs;
use crate::spec::{MatrixRowSpec, Spec, SpecError};
use jscc_nn::tell::Tell;
use jscc_nn::weights;
use std::path::{Path, PathBuf};

/// One training: an experiment and a seed.
#[derive(Debug, Clone)]
pub struct Needed {
    /// The experiment.
    pub spec: Spec,
    /// Its seed.
    pub seed: u64,
    /// Folder of the experiment's runs, below that of all runs.
    parent: PathBuf,
}

/// A row: seeds of one training per link.
#[derive(Debug, Clone)]
pub struct MatrixRow {
    /// Its label.
    pub label: String,
    /// What the two sides are told of the channel.
    pub tell: Tell,
    /// Its trainings for each link of the columns.
    pub by_link: Vec<Vec<Needed>>,
}

impl Needed {
    /// Folder of its run, where `jscc train` puts it too.
    pub fn folder(&self, runs: &Path) -> PathBuf {
        runs::folder(&self.spec, self.seed, &runs.join(&self.parent))
    }

    /// Its weights, if they are there: in the run's folder, or shipped in `../models` beside the experiment.
    pub fn weights(&self, runs: &Path) -> Option<PathBuf> {
        let file = format!("{}.safetensors", runs::name(&self.spec, self.seed));
        let places = [self.folder(runs), self.spec.resolve(Path::new("../models"))];
        places.into_iter().map(|place| place.join(&file)).find(|path| self.is_of(path))
    }

    /// Whether a file holds the weights of this very training.
    fn is_of(&self, path: &Path) -> bool {
        let about = input::bytes(path).ok().and_then(|bytes| weights::about(&bytes).ok().flatten());
        let origin = about.and_then(|about| about.origin);
        origin.is_some_and(|origin| origin.spec_sha256 == self.spec.sha256() && origin.seed == self.seed)
    }
}

/// The rows of a matrix; an experiment with `at_db` is a row per SNR.
pub fn rows(spec: &Spec) -> Result<Vec<MatrixRow>, Error> {
    let mut rows = Vec::new();
    for row in &spec.matrix()?.row {
        let wanted: Vec<&Path> = files(spec, row)?;
        let read = |file: &&Path| Spec::read(&spec.resolve(file))?.per_snr();
        let trainings = wanted.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        let parts = trainings[0].len();
        if let Some(other) = trainings.iter().find(|specs| specs.len() != parts) {
            let why =
                format!("row `{}`: a training of {parts} SNRs for one link, of {} for another", row.label, other.len());
            return Err(SpecError::misfit(&spec.path, why).into());
        }
        let labels = row.labels(&Spec::read(&spec.resolve(wanted[0]))?.train()?.at_db);
        for part in 0..parts {
            let by_link = trainings.iter().zip(&wanted).map(|(specs, file)| seeds(spec, &specs[part], file, parts));
            rows.push(MatrixRow {
                label: labels[part].clone(),
                tell: row.tell.clone(),
                by_link: by_link.collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(rows)
}

/// The experiment file of a row for each link.
fn files<'a>(spec: &'a Spec, row: &'a MatrixRowSpec) -> Result<Vec<&'a Path>, Error> {
    Ok(spec.matrix()?.deploy.iter().map(|deploy| row.train_for(&deploy.label)).collect())
}

/// One seed after the other of a training, which must be of pictures like the matrix's.
fn seeds(matrix: &Spec, spec: &Spec, file: &Path, parts: usize) -> Result<Vec<Needed>, Error> {
    let whole = Spec::read(&matrix.resolve(file))?.file.name;
    let parent = if parts == 1 { PathBuf::from(whole) } else { Path::new(&whole).join(&spec.file.name) };
    if spec.source() != matrix.source() {
        let why = format!("{}: trains on other pictures than the matrix has", file.display());
        return Err(SpecError::misfit(&matrix.path, why).into());
    }
    let needed = |&seed: &u64| Needed { spec: spec.clone(), seed, parent: parent.clone() };
    Ok(spec.train()?.seeds.iter().map(needed).collect())
}
