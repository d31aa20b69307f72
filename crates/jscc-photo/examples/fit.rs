//! Fits the tables of [`jscc_photo::model`] to a folder of PNG photographs.
//!
//! `cargo run --release -p jscc-photo --example fit -- FOLDER OUT.safetensors`

use jscc_photo::Picture;
use jscc_photo::base::{is_coded, quantise};
use jscc_photo::chances::{Chances, N_CHANCES};
use jscc_photo::classes::{self, Likelihood, nearest};
use jscc_photo::coding::adaptive::Counter;
use jscc_photo::model::{CLASSES, LEAST_RATIO, Model, PER_OCTAVE, RATIOS, level, step_level, step_size};
use jscc_photo::transform::{AREA, Grid, analyse};
use rayon::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use std::error::Error;
use std::path::Path;

/// Variance below which differences are of no use to classes.
const FLOOR: f32 = 3.0;
/// Rounds of classification.
const ROUNDS: usize = 30;
/// Steps that the base's tables are fitted at.
const STEPS: [u8; 6] = [12, 16, 19, 22, 25, 28];
/// Numbers whose mean is fitted: 1, 2 and more.
const OFFSETS: usize = 2;
/// Samples that a table's entry must rest on.
const LEAST: f64 = 200.0;
/// Coefficients of a block in colour.
const BLOCK: usize = 3 * AREA;

type Photograph = (Grid, Vec<f32>);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, out] = arguments.as_slice() else {
        return Err("give a folder of PNG files and the file to write".into());
    };
    let photographs = read(Path::new(folder))?;
    println!(
        "{} photographs, {} blocks",
        photographs.len(),
        photographs.iter().map(|(grid, _)| grid.blocks()).sum::<usize>()
    );
    let mut model = Model {
        levels: fit_levels(&photographs),
        chances: Vec::new(),
        untold: vec![0; RATIOS],
        offsets: vec![0; OFFSETS],
    };
    fit_remainders(&mut model, &photographs);
    fit_chances(&mut model, &photographs);
    write(&model, Path::new(out))
}

fn read(folder: &Path) -> Result<Vec<Photograph>, Box<dyn Error>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "png"));
    paths.sort();
    let pictures: Result<Vec<_>, _> = paths.par_iter().map(image::open).collect();
    let of_image = |image: image::DynamicImage| {
        let image = image.into_rgb8();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let colour = |c: usize| image.pixels().map(move |pixel| f32::from(pixel[c]) / 255.0);
        let picture = Picture { width, height, channels: 3, pixels: (0..3).flat_map(colour).collect() };
        (picture.grid(), analyse(&picture))
    };
    Ok(pictures?.into_par_iter().map(of_image).collect())
}

/// Classes of blocks by their likelihood, from quantiles of their energy on.
fn fit_levels(photographs: &[Photograph]) -> Vec<u8> {
    let blocks: Vec<&[f32]> = photographs.iter().flat_map(|(_, values)| values.chunks_exact(BLOCK)).collect();
    let energy =
        |block: &&[f32]| block.iter().enumerate().filter(|(at, _)| at % AREA != 0).map(|(_, x)| x * x).sum::<f32>();
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by(|&a, &b| energy(&blocks[a]).total_cmp(&energy(&blocks[b])));
    let mut members = vec![0u8; blocks.len()];
    for (rank, &block) in order.iter().enumerate() {
        members[block] = (rank * CLASSES / blocks.len()) as u8;
    }
    let mut levels = levels_of(&blocks, &members);
    for _ in 0..ROUNDS {
        let likelihoods: Vec<Likelihood> =
            levels.chunks_exact(BLOCK).map(|levels| Likelihood::new(levels, FLOOR)).collect();
        let next: Vec<u8> = blocks.par_iter().map(|block| nearest(block, &likelihoods)).collect();
        let moved = next.iter().zip(&members).filter(|(a, b)| a != b).count();
        (members, levels) = (next.clone(), levels_of(&blocks, &next));
        println!("{moved} blocks moved");
    }
    levels
}

fn levels_of(blocks: &[&[f32]], members: &[u8]) -> Vec<u8> {
    let of_class = |class: usize| {
        let (mut sums, mut n) = (vec![0f64; BLOCK], 0.0);
        for (block, _) in blocks.iter().zip(members).filter(|(_, member)| usize::from(**member) == class) {
            n += 1.0;
            sums.iter_mut().zip(*block).for_each(|(sum, x)| *sum += f64::from(x * x));
        }
        sums.iter().map(|sum| level(sum / f64::max(n, 1.0))).collect::<Vec<u8>>()
    };
    (0..CLASSES).into_par_iter().flat_map(of_class).collect()
}

/// What quantisers leave of coefficients, and where in their cells these lie.
fn fit_remainders(model: &mut Model, photographs: &[Photograph]) {
    let (mut left, mut seen) = (vec![0f64; RATIOS], vec![0f64; RATIOS]);
    let (mut offsets, mut told) = ([0f64; OFFSETS], [0f64; OFFSETS]);
    for (grid, values) in photographs {
        let classes = classes::choose(grid, values, FLOOR, model);
        for step in STEPS {
            let base = quantise(grid, values, classes.clone(), step, model);
            for (block, &class) in base.classes.iter().enumerate() {
                let levels = model.levels_of(class, grid.per_block());
                for at in (0..BLOCK).filter(|at| at % AREA != 0 && is_coded(levels[*at], step)) {
                    let index = block * BLOCK + at;
                    let (x, q) = (f64::from(values[index] / step_size(step)), base.q[index]);
                    if q == 0 {
                        let ratio = i32::from(levels[at]) - step_level(step) - LEAST_RATIO;
                        let ratio = ratio.clamp(0, RATIOS as i32 - 1) as usize;
                        (left[ratio], seen[ratio]) = (left[ratio] + x * x, seen[ratio] + 1.0);
                    } else {
                        let kind = usize::from(q.unsigned_abs()).min(OFFSETS) - 1;
                        offsets[kind] += x.abs() - f64::from(q.unsigned_abs());
                        told[kind] += 1.0;
                    }
                }
            }
        }
    }
    // Below the ratios that are coded nothing is quantised.
    let (mut last, mut is_coded_from) = (f64::from(LEAST_RATIO), false);
    for (ratio, untold) in model.untold.iter_mut().enumerate() {
        if seen[ratio] >= LEAST {
            last = last.max(f64::from(PER_OCTAVE) * (left[ratio] / seen[ratio]).log2());
            is_coded_from = true;
        } else if !is_coded_from {
            *untold = (LEAST_RATIO + ratio as i32) as i16;
            continue;
        }
        *untold = last.round() as i16;
    }
    model.offsets = offsets.iter().zip(&told).map(|(sum, n)| (256.0 * sum / n.max(1.0)).round() as i16).collect();
    println!("untold {:?}\noffsets {:?}", model.untold, model.offsets);
}

/// Where probabilities are at the end of a photograph, on average, starting there.
fn fit_chances(model: &mut Model, photographs: &[Photograph]) {
    for round in 0..3 {
        let of_photograph = |(grid, values): &Photograph| {
            let classes = classes::choose(grid, values, FLOOR, model);
            STEPS.map(|step| {
                let mut chances = Chances::new(model);
                let mut base = quantise(grid, values, classes.clone(), step, model);
                base.code(grid, step, model, &mut chances, &mut Counter);
                chances
            })
        };
        let all: Vec<Chances> = photographs.par_iter().flat_map_iter(of_photograph).collect();
        let first = Chances::new(model);
        let mean = |n: usize| {
            let moved: Vec<f64> = all
                .iter()
                .map(|chances| chances.all()[n])
                .filter(|chance| *chance != first.all()[n])
                .map(|c| c.one())
                .collect();
            let mean =
                if moved.is_empty() { first.all()[n].one() } else { moved.iter().sum::<f64>() / moved.len() as f64 };
            (65536.0 * mean).round().clamp(1.0, 65535.0) as u16
        };
        model.chances = (0..N_CHANCES).map(mean).collect();
        println!("probabilities, round {}", round + 1);
    }
}

fn write(model: &Model, path: &Path) -> Result<(), Box<dyn Error>> {
    let octets = |values: &[i16]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let chances: Vec<u8> = model.chances.iter().flat_map(|chance| chance.to_le_bytes()).collect();
    let (untold, offsets) = (octets(&model.untold), octets(&model.offsets));
    let tensors = [
        ("levels", TensorView::new(Dtype::U8, vec![CLASSES, 3, 16, 16], &model.levels)?),
        ("chances", TensorView::new(Dtype::U16, vec![N_CHANCES], &chances)?),
        ("untold", TensorView::new(Dtype::I16, vec![RATIOS], &untold)?),
        ("offsets", TensorView::new(Dtype::I16, vec![OFFSETS], &offsets)?),
    ];
    safetensors::serialize_to_file(tensors, None, path)?;
    Ok(())
}
