//! Photographs over drawn channels, SNR by SNR, and rivals' files over the same: `jscc photos`.

use super::files::{File, Files, of_octets};
use super::way::{SCRAMBLER, Way};
use super::{Picture, read};
use crate::Error;
use crate::data::folder;
use crate::metrics::image::ms_ssim;
use crate::metrics::{mse, psnr_db};
use crate::spec::{DataSpec, LostSpec, PhotoCurveSpec, PhotoSpec, PhotosSpec, SendSpec, Spec, SpecError, Varies};
use jscc_photo::model::SHIPPED;
use jscc_photo::receive::Receiver;
use jscc_photo::send::{Order, Sent, Unsendable, send};
use jscc_phy::channel::Channel;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::mcs::Format;
use rand::RngExt;
use rayon::prelude::*;
use std::path::Path;

/// Mean of the photographs that tables were fitted to: what a lost one counts as.
const GREY: [f32; 3] = [0.480, 0.465, 0.446];
/// Shortest side that MS-SSIM can be computed of.
const LEAST_SIDE: usize = 176;

/// A photograph that was sent once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub mse: f64,
    pub ms_ssim: f64,
    pub is_lost: bool,
    pub frames: usize,
}

/// All photographs of a curve at one SNR with one seed.
#[derive(Debug, Clone)]
pub struct Point {
    pub(super) curve: usize,
    pub(super) label: String,
    pub(super) seed: u64,
    pub(super) snr_db: f64,
    pub(super) outcomes: Vec<Outcome>,
}

/// The photographs of a folder, in colour, by name.
pub(super) struct Set {
    pub names: Vec<String>,
    pub pictures: Vec<Picture>,
}

/// Measures the curves of an experiment. `data` replaces its folder. `tell` receives the number of points done, and the total.
///
/// # Errors
/// [`Error::Spec`], `Data`, and those of reading the rivals' rows.
pub fn run(spec: &Spec, data: Option<&Path>, tell: &mut dyn FnMut(usize, usize)) -> Result<Vec<Point>, Error> {
    let photos = spec.photos()?;
    let DataSpec::Folder(folder) = &spec.file.data else {
        return Err(SpecError::misfit(&spec.path, "[photos] needs [data.folder]".to_owned()).into());
    };
    let set = Set::read(&data.map_or_else(|| spec.resolve(&folder.dir), Path::to_owned))?;
    let files = photos.files.as_ref().map(|path| Files::read(&spec.resolve(path))).transpose()?;
    let total = photos.curve.len() * photos.seeds.len() * photos.snr_db.len();
    let mut points = Vec::with_capacity(total);
    for (curve, of) in photos.curve.iter().enumerate() {
        let first = points.len();
        for &snr_db in &photos.snr_db {
            let measuring = Measuring { photos, curve: of, set: &set, snr_db };
            let all = measuring.outcomes(files.as_ref()).map_err(|why| SpecError::misfit(&spec.path, why))?;
            let point = |(&seed, outcomes)| Point { curve, label: of.label.clone(), seed, snr_db, outcomes };
            points.extend(photos.seeds.iter().zip(all).map(point));
            tell(points.len(), total);
        }
        // In rows a seed's SNRs come one after another.
        points[first..].sort_by_key(|point| photos.seeds.iter().position(|seed| *seed == point.seed));
    }
    Ok(points)
}

impl Set {
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let paths = folder::list(dir)?;
        let names =
            paths.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
        let coloured = |path: &std::path::PathBuf| read(path).map(in_colour);
        let pictures = paths.par_iter().map(coloured).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { names, pictures })
    }
}

fn in_colour(picture: Picture) -> Picture {
    match picture.channels {
        1 => Picture { channels: 3, pixels: picture.pixels.repeat(3), ..picture },
        _ => picture,
    }
}

/// One point of a curve.
struct Measuring<'a> {
    photos: &'a PhotosSpec,
    curve: &'a PhotoCurveSpec,
    set: &'a Set,
    snr_db: f64,
}

/// Outcomes by seed, then by photograph and transmission.
type BySeed = Vec<Vec<Outcome>>;

/// Outcomes by photograph, then by seed, brought into the other order.
fn by_seed(photographs: &[BySeed]) -> BySeed {
    let seeds = photographs.first().map_or(0, Vec::len);
    (0..seeds).map(|seed| photographs.iter().flat_map(|of| of[seed].iter().copied()).collect()).collect()
}

impl Measuring<'_> {
    fn outcomes(&self, files: Option<&Files>) -> Result<BySeed, String> {
        match &self.curve.send {
            SendSpec::Photo(photo) => {
                let of_picture = |n: usize| self.photograph(photo, n);
                let all = (0..self.set.pictures.len()).into_par_iter().map(of_picture).collect::<Result<Vec<_>, _>>();
                all.map(|all| by_seed(&all))
            }
            SendSpec::File(file) => {
                let files = files.expect("checked with the experiment");
                let pairs =
                    file.codecs.iter().flat_map(|codec| file.rates.iter().map(move |&rate| (codec.as_str(), rate)));
                let all = pairs.map(|(codec, rate)| self.files(files, codec, rate)).collect::<Result<Vec<_>, _>>()?;
                let quality =
                    |outcomes: &BySeed| outcomes.iter().flatten().map(|outcome| psnr_db(outcome.mse)).sum::<f64>();
                Ok(all.into_iter().max_by(|a, b| quality(a).total_cmp(&quality(b))).expect("a codec and a rate"))
            }
        }
    }

    /// OFDM symbols on the air for a picture.
    fn symbols(&self, picture: &Picture) -> usize {
        (picture.width * picture.height).div_ceil(self.photos.pixels_per_symbol)
    }

    fn photograph(&self, photo: &PhotoSpec, n: usize) -> Result<BySeed, String> {
        let picture = &self.set.pictures[n];
        let order = Order {
            id: n as u16,
            snr_db: photo.for_db.unwrap_or(self.snr_db),
            margin_db: photo.margin_db,
            symbols: self.symbols(picture),
            mtu: self.photos.mtu,
            format: if photo.ht { Format::Ht } else { Format::NonHt },
            scrambler: SCRAMBLER,
        };
        let sent = match send(picture, &order, &SHIPPED) {
            Ok(sent) => sent,
            // A curve at an SNR that leaves no room for any base has none there.
            Err(Unsendable::TooShort { .. }) => return Ok(self.each(|_, _| self.lost(n, 0))),
            Err(why) => return Err(format!("{}: {why}", self.set.names[n])),
        };
        Ok(self.each(|seed, draw| self.transmission(&sent, photo, &self.way(n, seed, draw), n)))
    }

    /// Every transmission of a photograph, by seed and number.
    fn each(&self, transmit: impl Fn(u64, usize) -> Outcome) -> BySeed {
        let of_seed = |&seed: &u64| (0..self.photos.draws).map(|draw| transmit(seed, draw)).collect();
        self.photos.seeds.iter().map(of_seed).collect()
    }

    fn transmission(&self, sent: &Sent, photo: &PhotoSpec, way: &Way, n: usize) -> Outcome {
        let mut receiver = Receiver::new(&SHIPPED, SCRAMBLER);
        for (index, (mcs, psdu)) in sent.frames.iter().enumerate() {
            let is_detail = index >= sent.base.0;
            if is_detail && way.loses(index, photo.lose.unwrap_or(0.0)) {
                continue;
            }
            if let Some(heard) = way.cross(*mcs, psdu, index) {
                receiver.add(Some(*mcs), heard);
            }
        }
        match receiver.photograph(n as u16) {
            None => self.lost(n, sent.frames.len()),
            Some(photograph) => self.received(n, &photograph.picture(&SHIPPED), sent.frames.len(), false),
        }
    }

    fn received(&self, n: usize, picture: &Picture, frames: usize, is_lost: bool) -> Outcome {
        let original = &self.set.pictures[n];
        let shape = [3, original.height, original.width];
        let is_large = original.width.min(original.height) >= LEAST_SIDE;
        let ms_ssim = if is_large { ms_ssim(shape, &original.pixels, &picture.pixels) } else { f64::NAN };
        Outcome { mse: mse(&original.pixels, &picture.pixels), ms_ssim, is_lost, frames }
    }

    /// The way of transmission number `draw` of photograph `n`.
    fn way(&self, n: usize, seed: u64, draw: usize) -> Way {
        let first = ((n * self.photos.draws + draw) as u64) << 16;
        let mut rng = stream(seed, "snr of photos", first);
        let away_db = match self.curve.varies {
            Varies::No => 0.0,
            Varies::Normal(sigma) => sigma * f64::from(Channel::Awgn.draw(1, 2.0, &mut rng).noise[0].re),
            Varies::Rayleigh => 10.0 * (-(1.0 - rng.random_range(0.0..1.0f64)).ln()).log10(),
        };
        let PhotoCurveSpec { channel, reception, .. } = self.curve;
        Way::new(channel.0, *reception, Snr::per_symbol(self.snr_db + away_db), seed, first)
    }

    /// What a lost photograph counts as.
    fn lost(&self, n: usize, frames: usize) -> Outcome {
        let original = &self.set.pictures[n];
        let before = &self.set.pictures[(n + self.set.pictures.len() - 1) % self.set.pictures.len()];
        let shown = match self.curve.lost {
            LostSpec::Frozen if before.grid() == original.grid() => before.clone(),
            _ => {
                let area = original.width * original.height;
                let pixels = GREY.iter().flat_map(|&grey| std::iter::repeat_n(grey, area)).collect();
                Picture { pixels, ..original.clone() }
            }
        };
        self.received(n, &shown, frames, true)
    }

    /// All photographs as files of one codec at one rate.
    fn files(&self, files: &Files, codec: &str, rate: u32) -> Result<BySeed, String> {
        let of_picture = |n: usize| -> Result<BySeed, String> {
            let symbols = self.symbols(&self.set.pictures[n]);
            let lengths = of_octets(rate, symbols, self.photos.mtu);
            let octets = lengths.iter().map(|length| length - super::files::AROUND).sum();
            let file = files.find(&self.set.names[n], codec, rate, octets)?;
            let lost = self.lost(n, lengths.len());
            Ok(self.each(|seed, draw| file_over(file, &lengths, rate, &self.way(n, seed, draw)).unwrap_or(lost)))
        };
        let all = (0..self.set.pictures.len()).into_par_iter().map(of_picture).collect::<Result<Vec<_>, _>>()?;
        Ok(by_seed(&all))
    }
}

/// A file over frames of these lengths; `None` if one of them is lost or damaged, or no file is so small.
fn file_over(file: &File, lengths: &[usize], rate: u32, way: &Way) -> Option<Outcome> {
    let mut octets = stream(way.seed, "octets of files", way.first);
    let arrives = |(index, &length): (usize, &usize)| {
        let psdu: Vec<u8> = (0..length).map(|_| octets.random()).collect();
        way.cross(super::files::mcs(rate), &psdu, index).is_some_and(|heard| heard == psdu)
    };
    let mse = 10f64.powf(-file.psnr_db? / 10.0);
    let has_arrived = lengths.iter().enumerate().all(arrives);
    let ms_ssim = file.ms_ssim.unwrap_or(f64::NAN);
    has_arrived.then_some(Outcome { mse, ms_ssim, is_lost: false, frames: lengths.len() })
}
