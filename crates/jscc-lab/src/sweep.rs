//! Curves over SNR: the cells of an experiment file, one after another.

use crate::Error;
use crate::cell::Setting;
use crate::curve::Curve;
use crate::data::{self, Dataset};
use crate::results::{Provenance, Row};
use crate::spec::{Spec, SpecError, Split};
use jscc_nn::compute::Compute;
use jscc_nn::method::{ChannelState, Needs, Task};
use std::ops::Range;
use std::path::Path;

/// Rows and received pictures of a sweep.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// One row per curve, file of weights and SNR, in this order.
    pub rows: Vec<Row>,
    /// The first received pictures of each row; none where no picture is recovered.
    pub received: Vec<Vec<Vec<f32>>>,
}

/// A sweep: curves and SNRs in a common setting.
pub struct Sweep {
    /// Common setting of the cells.
    pub setting: Setting,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Es/N0 in dB.
    pub snr_db: Vec<f64>,
    /// Number of received pictures kept per cell.
    pub pictures: usize,
}

impl Sweep {
    /// The sweep of an experiment file on a split of its pictures; `data` replaces the folder named in the file.
    pub fn open(spec: &Spec, split: Split, data: Option<&Path>, compute: Compute, code: &str) -> Result<Self, Error> {
        let wanted = spec.sweep()?;
        let curves = Curve::all(spec, compute)?;
        let images = data::of(spec, split, data)?.take(wanted.images.unwrap_or(usize::MAX));
        if let Some(why) = curves.iter().find_map(|curve| misfit(curve, &images, spec.source().classes)) {
            return Err(SpecError::misfit(&spec.path, why).into());
        }
        let provenance = Provenance::of(spec, code);
        let (data_name, split, seed) = (spec.data_name(), Some(split), wanted.seed);
        let lost = if curves.iter().any(|curve| curve.spec.loses_frames()) {
            data::in_place_of_lost(spec, data)?
        } else {
            data::mid_grey(images.images.shape)
        };
        let setting = Setting { provenance, data: data_name, split, images, lost, seed };
        Ok(Self { setting, curves, snr_db: wanted.snr_db.clone(), pictures: wanted.pictures })
    }

    /// Number of cells, numbered from 0: SNR by SNR, then file by file, then curve by curve.
    pub fn n_cells(&self) -> usize {
        self.curves.len() * self.snr_db.len()
    }

    /// Measures some of the cells; `progress` receives the number done.
    pub fn run(&self, cells: Range<usize>, progress: &mut dyn FnMut(usize)) -> Outcome {
        let pixels = &self.setting.images.images.pixels;
        let (mut outcome, mut last) = (Outcome::default(), None);
        for cell in cells {
            let (place, snr_db) = (cell / self.snr_db.len(), self.snr_db[cell % self.snr_db.len()]);
            let curve = &self.curves[place];
            // One encoder without channel information sends the same symbols at every SNR.
            if last.as_ref().is_none_or(|(of, _)| *of != place) {
                let is_same = curve.codec().card().encoder == Needs::Nothing && curve.is_one_for_all();
                last = Some((place, is_same.then(|| curve.codec().encode(pixels, &ChannelState::default()))));
            }
            let sent = last.as_ref().and_then(|(_, symbols)| symbols.as_ref());
            let (row, x_hat) = self.setting.measure(curve, sent, snr_db);
            let pictures = x_hat.chunks(self.setting.images.images.image_len()).take(self.pictures);
            outcome.rows.push(row);
            outcome.received.push(pictures.map(<[f32]>::to_vec).collect());
            progress(outcome.rows.len());
        }
        outcome
    }
}

/// Why a curve cannot be measured on these pictures, if it cannot.
fn misfit(curve: &Curve, images: &Dataset, classes: usize) -> Option<String> {
    let (codec, label) = (curve.codec(), &curve.label);
    if codec.task() == Task::Execute && images.labels.is_empty() {
        return Some(format!("curve `{label}` names what pictures show, and these pictures have no labels"));
    }
    if codec.task() == Task::Execute && codec.source().classes != classes {
        return Some(format!(
            "curve `{label}` names {} kinds of things, and there are {classes}",
            codec.source().classes
        ));
    }
    let (theirs, ours) = (codec.source().shape, images.images.shape);
    (theirs != ours).then(|| format!("curve `{label}` is for pictures of {theirs:?}, not {ours:?}"))
}
