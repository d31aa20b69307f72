//! `jscc demo`: pictures through the shipped codecs, over an ideal radio and over 802.11a.

use crate::failure::Failure;
use crate::output::{self, CODE, Format, say};
use crate::progress::Progress;
use clap::Args;
use jscc_lab::cell::Setting;
use jscc_lab::data::{self, DataError, Dataset, Images, digits, folder, mnist};
use jscc_lab::results::Provenance;
use jscc_lab::spec::Split;
use jscc_lab::sweep::Sweep;
use jscc_lab::{demo, figures, photos};
use std::path::{Path, PathBuf};

/// Send pictures over an ideal analog radio and over standard 802.11a at 54 Mb/s, from -5 to 35 dB.
///
/// Prints the quality of the received pictures, and writes report.html and report.png with curves and pictures; photograph.html
/// and photograph.png show a photograph from 0 to 25 dB beside AVIF.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc demo\n  jscc demo --image cat.png --image 7.jpg --out my-demo\n  \
    jscc demo --data path/to/mnist\n\nThe shipped codec was trained on handwritten digits: other pictures come out as it \
    can draw them.")]
pub struct Demo {
    /// A PNG or JPEG file to send, scaled to 28x28 grey; may be repeated [default: synthetic digits]
    #[arg(long = "image", value_name = "FILE", conflicts_with = "data")]
    images: Vec<PathBuf>,
    /// A folder with MNIST or with PNG and JPEG files
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder for the report
    #[arg(long, value_name = "DIR", default_value = "jscc-demo")]
    out: PathBuf,
    /// Seed of synthetic digits and noise
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print a JSON object per curve and SNR
    #[arg(long)]
    json: bool,
}

/// Number of synthetic digits if no picture is given, and most pictures of a folder.
const N_PICTURES: usize = 200;
/// Pictures shown.
const N_SHOWN: usize = 8;

impl Demo {
    pub fn run(self) -> Result<(), Failure> {
        output::folder(&self.out)?;
        let (name, images) = self.pictures().map_err(jscc_lab::Error::from)?;
        let provenance =
            Provenance { experiment: "demo".to_owned(), spec_sha256: String::new(), code: CODE.to_owned() };
        let lost = data::mid_grey(images.images.shape);
        let sweep = Sweep {
            setting: Setting { provenance, data: name, split: None, images, lost, seed: self.seed },
            curves: demo::curves()?,
            snr_db: demo::SNR_DB.to_vec(),
            pictures: N_SHOWN,
        };
        let mut progress = Progress::new("sending", sweep.n_cells() as u64);
        let outcome = sweep.run(0..sweep.n_cells(), &mut |done| progress.set(done as u64, ""));
        progress.finish();
        let title = "Pictures over standard Wi-Fi: deep joint source-channel coding on 802.11a";
        let written =
            figures::write(&figures::report(title, &sweep.setting.images.images, &outcome), &self.out, "report")?;
        let photograph = figures::write(&photos::demo::report(self.seed), &self.out, "photograph")?;
        let format = Format::of_flag(self.json);
        format.print_rows(&outcome.rows, figures::table);
        if format == Format::Table {
            say(&format!("\nThe pictures and curves: {} and {}", written[0].display(), written[1].display()));
            say(&format!("A photograph that fades: {} and {}", photograph[0].display(), photograph[1].display()));
        }
        Ok(())
    }

    /// The pictures to send, and their name.
    fn pictures(&self) -> Result<(String, Dataset), DataError> {
        if !self.images.is_empty() {
            return Ok(("the given files".to_owned(), of_files(&self.images)?));
        }
        match &self.data {
            Some(dir) => of_folder(dir),
            None => Ok(("drawn digits".to_owned(), digits::dataset(self.seed, 0..N_PICTURES as u64))),
        }
    }
}

fn of_files(paths: &[PathBuf]) -> Result<Dataset, DataError> {
    let shape = [1, 28, 28];
    let pixels = paths.iter().map(|path| folder::image(path, shape)).collect::<Result<Vec<_>, _>>()?.concat();
    Ok(Dataset { images: Images { shape, pixels }, labels: Vec::new() })
}

fn of_folder(dir: &Path) -> Result<(String, Dataset), DataError> {
    let (name, images) = match mnist::read(dir, Split::Test) {
        Ok(images) => ("MNIST test pictures".to_owned(), images),
        Err(DataError::MissingMember { .. }) => (dir.display().to_string(), folder::read(dir, [1, 28, 28])?),
        Err(error) => return Err(error),
    };
    Ok((name, images.take(N_PICTURES)))
}
