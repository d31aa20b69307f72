//! Received photographs through the network.

use jscc_nn::photo::{Restorer, Seen};
use jscc_photo::Picture;
use jscc_photo::model::{Model, SHIPPED};
use jscc_photo::receive::Photograph;
use jscc_photo::transform::{AREA, Grid, picture_of, planes};

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

/// The photograph as the network makes it.
pub fn restored(photograph: &Photograph, network: &Restorer) -> Picture {
    let grid = photograph.header().grid;
    let picture = network.restore(&seen(photograph, &SHIPPED));
    picture_of(grid, &picture[..grid.len()])
}
