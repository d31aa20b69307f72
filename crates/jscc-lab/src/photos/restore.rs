//! Received photographs through the network.

use crate::spec::Decoder;
use jscc_nn::photo::{About, Restorer, Seen};
use jscc_photo::Picture;
use jscc_photo::model::{Model, SHIPPED};
use jscc_photo::receive::Photograph;
use jscc_photo::transform::{AREA, Grid, picture_of, planes};
use std::sync::LazyLock;

/// The shipped network.
static NETWORK: LazyLock<(Restorer, About)> = LazyLock::new(|| {
    Restorer::read(include_bytes!("../../../../models/photo-network.safetensors")).expect("the shipped network")
});

/// Numbers of a block in colour.
const BLOCK: usize = 3 * AREA;

/// What is known of a photograph, for the network. A grey one has two more colours, known to be zero.
pub(super) fn seen(photograph: &Photograph, model: &Model) -> Seen {
    let (grid, known) = (photograph.header().grid, photograph.known(model));
    let of_planes = |values: &[f32]| in_colour(planes(grid, values), &grid);
    let variances = match grid.channels {
        1 => {
            known.variances.chunks_exact(AREA).flat_map(|block| block.iter().copied().chain([0.0; 2 * AREA])).collect()
        }
        _ => known.variances,
    };
    assert_eq!(variances.len(), grid.blocks() * BLOCK, "variances of blocks");
    Seen {
        blocks: [grid.rows(), grid.cols()],
        picture: of_planes(&known.values),
        base: of_planes(&photograph.base_values(model)),
        variances,
    }
}

/// Planes of three colours.
pub(super) fn in_colour(mut planes: Vec<f32>, grid: &Grid) -> Vec<f32> {
    planes.resize(grid.blocks() * BLOCK, 0.0);
    planes
}

impl Decoder {
    /// The photograph, as sharp as its frames so far make it.
    pub fn picture(self, photograph: &Photograph) -> Picture {
        match self {
            Self::Closed => photograph.picture(&SHIPPED),
            Self::Network => {
                let grid = photograph.header().grid;
                let picture = NETWORK.0.restore(&seen(photograph, &SHIPPED));
                picture_of(grid, &picture[..grid.len()])
            }
        }
    }
}

/// PSNR in dB that the shipped network adds on average at an SNR in dB, as measured on validation photographs.
pub fn gain_db(snr_db: f64) -> f64 {
    let gains = &NETWORK.1.origin.gains_db;
    let after = gains.partition_point(|[at, _]| *at < snr_db);
    match (after.checked_sub(1).map(|before| gains[before]), gains.get(after)) {
        (Some([left, low]), Some([right, high])) => low + (high - low) * (snr_db - left) / (right - left),
        (Some([_, gain]), None) => gain,
        (None, Some([_, gain])) => *gain,
        (None, None) => 0.0,
    }
}
