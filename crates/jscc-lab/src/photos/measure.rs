//! Photographs over drawn channels, SNR by SNR, and rivals' files over the same: `jscc photos`.

use super::files::{File, Files, mcs, of_octets};
use super::way::{SCRAMBLER, Way};
use super::{Picture, in_colour, read};
use crate::Error;
use crate::data::folder;
use crate::metrics::image::ms_ssim;
use crate::metrics::{mse, psnr_db};
use crate::spec::{
    DataSpec, LostSpec, PhotoCurveSpec, PhotoSpec, PhotosSpec, SendSpec, SequenceSpec, Spec, SpecError, Varies,
};
use jscc_photo::model::SHIPPED;
use jscc_photo::send::{Order, Sent, Unsendable, send};
use jscc_phy::channel::{Channel, Doppler};
use jscc_phy::random::stream;
use jscc_phy::units::Snr;
use jscc_phy::wifi::mcs::Format;
use rand::RngExt;
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

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
    /// SNR while it was sent.
    pub snr_db: f64,
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
    let arrivals = Arrivals::default();
    let total = photos.curve.len() * photos.seeds.len() * photos.snr_db.len();
    let mut points = Vec::with_capacity(total);
    for (curve, of) in photos.curve.iter().enumerate() {
        let first = points.len();
        for &snr_db in &photos.snr_db {
            let measuring = Measuring { photos, curve: of, set: &set, arrivals: &arrivals, snr_db };
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

/// One point of a curve.
struct Measuring<'a> {
    photos: &'a PhotosSpec,
    curve: &'a PhotoCurveSpec,
    set: &'a Set,
    arrivals: &'a Arrivals,
    snr_db: f64,
}

/// Whether all frames of a file arrived, by rate and way: the same for all codecs, whose files fill the same frames.
type Arrivals = Mutex<HashMap<(u32, String), bool>>;

/// Outcomes by seed, then by photograph and transmission.
type BySeed = Vec<Vec<Outcome>>;

/// Outcomes by photograph, then by seed, brought into the other order.
fn by_seed(photographs: &[BySeed]) -> BySeed {
    let seeds = photographs.first().map_or(0, Vec::len);
    (0..seeds).map(|seed| photographs.iter().flat_map(|of| of[seed].iter().copied()).collect()).collect()
}

impl Measuring<'_> {
    fn outcomes(&self, files: Option<&Files>) -> Result<BySeed, String> {
        let indices = 0..self.set.pictures.len();
        match &self.curve.send {
            SendSpec::Photo(photo) => {
                let all = indices.into_par_iter().map(|n| self.photograph(photo, n)).collect::<Result<Vec<_>, _>>();
                all.map(|all| self.in_order(&all))
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
            interval_ms: 0,
        };
        let sent = match send(picture, &order, &SHIPPED) {
            Ok(sent) => sent,
            // A curve at an SNR that leaves no room for any base has none there.
            Err(Unsendable::TooShort { .. }) => return Ok(self.each(n, |_| self.lost(n, 0))),
            Err(why) => return Err(format!("{}: {why}", self.set.names[n])),
        };
        Ok(self.each(n, |way| self.transmission(&sent, photo, way, n)))
    }

    /// Every transmission of a photograph, by seed and number.
    fn each(&self, n: usize, transmit: impl Fn(&Way) -> Outcome) -> BySeed {
        let once = |seed: u64, draw: usize| {
            let way = self.way(n, seed, draw);
            Outcome { snr_db: way.snr_db(), ..transmit(&way) }
        };
        let of_seed = |&seed: &u64| (0..self.photos.draws).map(|draw| once(seed, draw)).collect();
        self.photos.seeds.iter().map(of_seed).collect()
    }

    fn transmission(&self, sent: &Sent, photo: &PhotoSpec, way: &Way, n: usize) -> Outcome {
        let receiver = way.carry(sent, photo.lose.unwrap_or(0.0));
        match receiver.photograph(n as u16) {
            None => self.lost(n, sent.frames.len()),
            Some(photograph) => self.received(n, &photo.decoder.picture(photograph), sent.frames.len(), false),
        }
    }

    fn received(&self, n: usize, picture: &Picture, frames: usize, is_lost: bool) -> Outcome {
        let original = &self.set.pictures[n];
        let shape = [3, original.height, original.width];
        let is_large = original.width.min(original.height) >= LEAST_SIDE;
        let ms_ssim = if is_large { ms_ssim(shape, &original.pixels, &picture.pixels) } else { f64::NAN };
        Outcome { mse: mse(&original.pixels, &picture.pixels), ms_ssim, is_lost, frames, snr_db: self.snr_db }
    }

    /// The way of transmission number `draw` of photograph `n`.
    fn way(&self, n: usize, seed: u64, draw: usize) -> Way {
        let first = ((n * self.photos.draws + draw) as u64) << 16;
        let mut rng = stream(seed, "snr of photos", first);
        let away_db = match self.curve.varies {
            Varies::No => 0.0,
            Varies::Normal(sigma) => sigma * f64::from(Channel::Awgn.draw(1, 2.0, &mut rng).noise[0].re),
            Varies::Rayleigh => match self.photos.sequence {
                None => 10.0 * (-(1.0 - rng.random_range(0.0..1.0f64)).ln()).log10(),
                Some(SequenceSpec { fps, doppler_hz }) => {
                    let walk = Doppler::draw(doppler_hz, &mut stream(seed, "walk", draw as u64));
                    10.0 * f64::from(walk.gain(n as f64 / fps).norm_sqr().max(1e-6)).log10()
                }
            },
        };
        let PhotoCurveSpec { channel, reception, .. } = self.curve;
        Way::new(channel.0, *reception, Snr::per_symbol(self.snr_db + away_db), seed, first)
    }

    /// A photograph that did not arrive: the mean colour of photographs.
    fn lost(&self, n: usize, frames: usize) -> Outcome {
        let original = &self.set.pictures[n];
        let area = original.width * original.height;
        let pixels = GREY.iter().flat_map(|&grey| std::iter::repeat_n(grey, area)).collect();
        self.received(n, &Picture { pixels, ..original.clone() }, frames, true)
    }

    /// Outcomes by photograph, then by seed, brought into the other order, with what the curve shows for lost ones.
    fn in_order(&self, photographs: &[BySeed]) -> BySeed {
        let mut all = by_seed(photographs);
        if self.curve.lost == LostSpec::Frozen {
            for outcomes in &mut all {
                (0..self.photos.draws).for_each(|draw| self.freeze(outcomes, draw));
            }
        }
        all
    }

    /// Shows the last photograph that arrived in place of each lost one. It is off by as much as the two originals differ and
    /// as its own error, which are taken to have nothing in common: of files no pixels are known here.
    fn freeze(&self, outcomes: &mut [Outcome], draw: usize) {
        let mut shown: Option<usize> = None;
        for n in 0..self.set.pictures.len() {
            let at = n * self.photos.draws + draw;
            let before = shown.filter(|&m| self.set.pictures[m].grid() == self.set.pictures[n].grid());
            match before {
                Some(m) if outcomes[at].is_lost => {
                    let error = outcomes[m * self.photos.draws + draw].mse;
                    let held = self.received(n, &self.set.pictures[m], outcomes[at].frames, true);
                    outcomes[at] = Outcome { mse: held.mse + error, snr_db: outcomes[at].snr_db, ..held };
                }
                _ if !outcomes[at].is_lost => shown = Some(n),
                _ => {}
            }
        }
    }

    /// All photographs as files of one codec at one rate.
    fn files(&self, files: &Files, codec: &str, rate: u32) -> Result<BySeed, String> {
        let of_picture = |n: usize| -> Result<BySeed, String> {
            let symbols = self.symbols(&self.set.pictures[n]);
            let lengths = of_octets(rate, symbols, self.photos.mtu);
            let octets = lengths.iter().map(|length| length - super::files::AROUND).sum();
            let file = files.find(&self.set.names[n], codec, rate, octets)?;
            let lost = self.lost(n, lengths.len());
            Ok(self.each(n, |way| self.file_over(file, &lengths, rate, way).unwrap_or(lost)))
        };
        let all = (0..self.set.pictures.len()).into_par_iter().map(of_picture).collect::<Result<Vec<_>, _>>()?;
        Ok(self.in_order(&all))
    }

    /// A file over frames of these lengths; `None` if one of them is lost or damaged, or no file is so small.
    fn file_over(&self, file: &File, lengths: &[usize], rate: u32, way: &Way) -> Option<Outcome> {
        let mse = 10f64.powf(-file.psnr_db? / 10.0);
        let ms_ssim = file.ms_ssim.unwrap_or(f64::NAN);
        let key = (rate, way.name());
        let known = self.arrivals.lock().expect("no thread panicked").get(&key).copied();
        let has_arrived = known.unwrap_or_else(|| all_arrive(lengths, rate, way));
        self.arrivals.lock().expect("no thread panicked").insert(key, has_arrived);
        has_arrived.then_some(Outcome { mse, ms_ssim, is_lost: false, frames: lengths.len(), snr_db: way.snr_db() })
    }
}

/// Whether frames of these lengths, of any octets, all arrive as they were.
pub(super) fn all_arrive(lengths: &[usize], rate: u32, way: &Way) -> bool {
    let mut octets = stream(way.seed, "octets of files", way.first);
    lengths.iter().enumerate().all(|(index, &length)| {
        let psdu: Vec<u8> = (0..length).map(|_| octets.random()).collect();
        way.cross(mcs(rate), &psdu, index).is_some_and(|heard| heard == psdu)
    })
}
