//! A trained network, and its file: safetensors with weights of 16 bits and a header.

use super::seen::{SIDE, Seen, crop, pixels};
use super::unet::{Config, Unet};
use crate::compute::Compute;
use crate::weights::WeightsError;
use burn::store::{ModuleSnapshot, SafetensorsStore};
use half::f16;
use rayon::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Key of [`About`] among the metadata.
const ABOUT: &str = "jscc-photo";
/// Most maps at any scale, so that a few bytes cannot claim all memory.
const MOST_MAPS: usize = 1024;
/// Side of a tile in blocks, without what overlaps.
const TILE: usize = 48;

/// Header of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Sizes of the network.
    pub config: Config,
    /// The training that produced it.
    pub origin: Origin,
}

/// The training that weights come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the experiment.
    pub experiment: String,
    /// SHA-256 of the resolved experiment.
    pub spec_sha256: String,
    /// Seed of the run.
    pub seed: u64,
    /// The photographs.
    pub data: String,
    /// Steps done.
    pub steps: usize,
    /// PSNR in dB over the closed form's on validation photographs, by SNR in dB.
    pub gains_db: Vec<[f64; 2]>,
}

/// A trained network.
#[derive(Debug)]
pub struct Restorer {
    net: Unet,
    config: Config,
}

impl Restorer {
    pub(super) fn new(net: Unet, config: Config) -> Self {
        Self { net, config }
    }

    /// The network of a file, and its header.
    ///
    /// # Errors
    /// [`WeightsError`].
    pub fn read(bytes: &[u8]) -> Result<(Self, About), WeightsError> {
        let malformed = |why: String| WeightsError::Malformed(why);
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| malformed(error.to_string()))?;
        let about = header.metadata().as_ref().and_then(|entries| entries.get(ABOUT));
        let about = about.ok_or_else(|| WeightsError::Mismatch(format!("it has no entry `{ABOUT}`")))?;
        let about: About = serde_json::from_str(about).map_err(|error| malformed(error.to_string()))?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| malformed(error.to_string()))?;
        let Config { maps, pairs } = about.config;
        if maps.iter().chain([&pairs]).any(|n| !(1..=MOST_MAPS).contains(n)) {
            return Err(WeightsError::Mismatch(format!("it says to have {maps:?} maps and {pairs} pairs")));
        }
        let mut store = SafetensorsStore::from_bytes(Some(widened(&file)?));
        let mut net = Unet::new(&about.config, &Compute::Cpu.device());
        let applied = net.load_from(&mut store);
        match applied {
            Ok(applied) if applied.errors.is_empty() && applied.unused.is_empty() && applied.missing.is_empty() => {
                Ok((Self { net, config: about.config }, about))
            }
            _ => Err(WeightsError::Mismatch(
                "names or shapes of its tensors are not the photograph network's".to_owned(),
            )),
        }
    }

    /// The network as a file. Weights are rounded to 16 bits.
    pub fn write(&self, origin: &Origin) -> Vec<u8> {
        let mut store = SafetensorsStore::from_bytes(None).clear_metadata();
        self.net.save_into(&mut store).expect("weights in memory can be collected");
        let bytes = store.get_bytes().expect("weights in memory can be written");
        let file = SafeTensors::deserialize(&bytes).expect("just written");
        let about = About { config: self.config, origin: origin.clone() };
        let about = serde_json::to_string(&about).expect("words and numbers");
        let narrow = |value: &[u8; 4]| f16::from_f32(f32::from_le_bytes(*value)).to_le_bytes();
        let narrowed: BTreeMap<String, (Vec<usize>, Vec<u8>)> = file
            .tensors()
            .into_iter()
            .map(|(name, tensor)| {
                let values = tensor.data().as_chunks::<4>().0.iter().flat_map(narrow).collect();
                (name, (tensor.shape().to_vec(), values))
            })
            .collect();
        of_tensors(&narrowed, Dtype::F16, Some(HashMap::from([(ABOUT.to_owned(), about)])))
    }

    /// The picture with its correction, `[colour][row][column]` as in [`Seen`].
    pub fn restore(&self, seen: &Seen) -> Vec<f32> {
        let [rows, cols] = seen.blocks;
        let corners: Vec<[usize; 2]> =
            (0..rows).step_by(TILE).flat_map(|row| (0..cols).step_by(TILE).map(move |col| [row, col])).collect();
        let tiles: Vec<Vec<f32>> = corners.par_iter().map(|&corner| self.tile(seen, corner)).collect();
        let [height, width] = seen.sides();
        let mut picture = seen.picture.clone();
        for ([top, left], tile) in corners.iter().zip(&tiles) {
            let tile_width = TILE.min(cols - left) * SIDE;
            let tile_rows = tile.chunks_exact(tile_width);
            let per_plane = TILE.min(rows - top) * SIDE;
            for (n, row) in tile_rows.enumerate() {
                let (plane, y) = (n / per_plane, n % per_plane);
                let first = (plane * height + top * SIDE + y) * width + left * SIDE;
                picture[first..][..tile_width].iter_mut().zip(row).for_each(|(pixel, by)| *pixel += by);
            }
        }
        picture
    }

    /// Corrections of the tile whose upper left block this is.
    fn tile(&self, seen: &Seen, corner: [usize; 2]) -> Vec<f32> {
        let around = self.config.reach();
        let from = corner.map(|n| n.saturating_sub(around));
        let upto = [0, 1].map(|axis| (corner[axis] + TILE + around).min(seen.blocks[axis]));
        let window = seen.window(from, [upto[0] - from[0], upto[1] - from[1]]);
        let maps = window.maps(&Compute::Cpu.device());
        let corrections: Vec<f32> = self.net.forward(maps.x, maps.variances).try_into_vec_as().expect("32-bit floats");
        let doubts = window.doubt_maps();
        let corrections: Vec<f32> =
            corrections.iter().zip(doubts.iter().cycle()).map(|(by, doubt)| by * doubt).collect();
        let kept = [0, 1].map(|axis| TILE.min(seen.blocks[axis] - corner[axis]) * SIDE);
        let lead = [0, 1].map(|axis| (corner[axis] - from[axis]) * SIDE);
        crop(&pixels(&corrections, window.sides()), window.sides(), lead, kept)
    }
}

/// A file's tensors of 16 bits as one of 32 bits.
fn widened(file: &SafeTensors) -> Result<Vec<u8>, WeightsError> {
    let mut tensors = BTreeMap::new();
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != Dtype::F16 {
            return Err(WeightsError::Mismatch(format!("`{name}` holds {:?}, not F16", tensor.dtype())));
        }
        let values: Vec<f32> =
            tensor.data().as_chunks::<2>().0.iter().map(|value| f16::from_le_bytes(*value).to_f32()).collect();
        if values.iter().any(|value| !value.is_finite()) {
            return Err(WeightsError::NotFinite);
        }
        let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensors.insert(name, (tensor.shape().to_vec(), values));
    }
    Ok(of_tensors(&tensors, Dtype::F32, None))
}

fn of_tensors(
    tensors: &BTreeMap<String, (Vec<usize>, Vec<u8>)>,
    dtype: Dtype,
    metadata: Option<HashMap<String, String>>,
) -> Vec<u8> {
    let views: Vec<(&str, TensorView)> = tensors
        .iter()
        .map(|(name, (shape, values))| {
            (name.as_str(), TensorView::new(dtype, shape.clone(), values).expect("values of the shape"))
        })
        .collect();
    safetensors::serialize(views, metadata).expect("weights in memory can be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::{Initial, draw};
    use crate::photo::unet::BLOCK;
    use jscc_phy::random::stream;
    use rand::RngExt;

    const CONFIG: Config = Config { maps: [4, 6, 8], pairs: 1 };

    fn network(seed: u64) -> Restorer {
        Restorer::new(draw(Unet::new(&CONFIG, &Compute::Cpu.device()), Initial::He, seed), CONFIG)
    }

    fn noise(blocks: [usize; 2]) -> Seen {
        let mut rng = stream(1, "seen", 0);
        let mut numbers =
            |scale: f32| (0..blocks[0] * blocks[1] * BLOCK).map(|_| scale * rng.random_range(0.1..1.0)).collect();
        Seen { blocks, picture: numbers(400.0), base: numbers(400.0), variances: numbers(30.0) }
    }

    /// A picture of two tiles: the same as one of a single tile, wherever the seam is.
    #[test]
    fn tiles_leave_no_seam() {
        let (network, seen) = (network(3), noise([TILE + 4, 2]));
        let whole = network.restore(&seen);
        // The last blocks with as much around them as they see: another way to cut it.
        let from = TILE - 8;
        let part = network.restore(&seen.window([from, 0], [12, 2]));
        let clear = CONFIG.reach();
        for plane in 0..3 {
            for y in (clear * SIDE)..(12 * SIDE) {
                let row = |planes: &[f32], rows: usize, y: usize| {
                    planes[(plane * rows + y) * 2 * SIDE..][..2 * SIDE].to_vec()
                };
                let (a, b) = (row(&whole, (TILE + 4) * SIDE, from * SIDE + y), row(&part, 12 * SIDE, y));
                let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-2, "{worst} in row {y} of plane {plane}");
            }
        }
        let moved = whole.iter().zip(&seen.picture).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(moved > 1.0, "a network that corrects: {moved}");
    }

    #[test]
    fn files_come_back_and_others_are_refused() {
        let (network, seen) = (network(4), noise([2, 3]));
        let origin = Origin { experiment: "mine".to_owned(), gains_db: vec![[5.0, 0.5]], ..Origin::default() };
        let file = network.write(&origin);
        let (again, about) = Restorer::read(&file).expect("its own file");
        assert_eq!((&about.origin, about.config), (&origin, CONFIG));
        assert!(again.write(&origin) == file, "the same bytes");
        let largest = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let (before, after) = (network.restore(&seen), again.restore(&seen));
        let (error, correction) = (largest(&before, &after), largest(&before, &seen.picture));
        assert!(error < 0.05 * correction, "16 bits are enough: {error} of {correction}");
        assert!(matches!(Restorer::read(&file[..file.len() - 2]), Err(WeightsError::Malformed(_))));
        let digits = include_bytes!("../../../../models/classifier-mnist-k16-seed1.safetensors");
        assert!(matches!(Restorer::read(digits), Err(WeightsError::Mismatch(_))));
    }
}
