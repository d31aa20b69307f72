//! `jscc emulate`: the standard frame whose waveform imitates another.

use super::rate::{FramingArgs, RateArgs};
use super::tuned::Tuned;
use super::wifi::{Sampled, tell_warnings};
use crate::failure::Failure;
use crate::output::{self, Format, print_table, say, warn};
use clap::{Args, ValueEnum};
use jscc_lab::imitate::{Band, Closeness, Imitation, Measured, Rank, ToneError, Wanted, imitate, read};
use jscc_lab::report::Table;
use jscc_lab::spec::Inversion;
use jscc_radio::encode::{Silence, Stored, Target, Transmission};
use jscc_radio::{FrameNote, Guard};
use serde_json::{Value, json};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// Silence around the frame, in samples.
const SILENCE: Silence = Silence { lead: 200, gap: 0, trail: 200 };
/// A range that includes all subcarriers.
const ALL: RangeInclusive<i32> = -64..=64;
/// OFDM symbols shown unless all are requested.
const FEW: usize = 12;

/// Compute the standard 802.11 frame whose waveform imitates another one at 20 Msample/s.
///
/// The wave is cut into OFDM symbols of 80 samples. The frame controls the data subcarriers of the last 64 samples of
/// each; the first 16 repeat the end, and pilots and the empty subcarrier are fixed by the standard. The wave occupies
/// the symbols after SERVICE and MAC header; its amplitude is chosen for the least error.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc emulate wave.cf32 --rate 54 -o frame.sigmf-meta\n  \
    jscc emulate lora.sigmf-meta --mcs 7 --tones -14:-8 -o inject.pcap\n  \
    jscc emulate wave.cf32 --rate 54 --mode exact --tones 1:6 -o frame.cf32 --json\n\n\
    trellis: the codeword nearest to the wave on all selected subcarriers; exact: the nearest points on as many of them \
    as the code allows, arbitrary points on the others.")]
pub struct Emulate {
    /// The wave: raw samples or SigMF, of which 20 MHz are imitated; - for standard input
    #[arg(value_name = "WAVE")]
    wave: PathBuf,
    /// The file to write: .sigmf-meta, .pcap, or samples: .cf32, .ci16, .ci8, .cu8 etc.; - for standard output
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
    #[command(flatten)]
    rate: RateArgs,
    #[command(flatten)]
    framing: FramingArgs,
    /// Inversion of the transmitter
    #[arg(long, value_enum, default_value_t = Mode::Trellis)]
    mode: Mode,
    /// Subcarriers on which the wave counts, lowest and highest, such as -26:-1 [default: all]
    #[arg(long, value_name = "A:B", allow_hyphen_values = true)]
    tones: Option<String>,
    /// Initial state of the scrambler, 1 to 127, x1 is the least significant bit
    #[arg(long, value_name = "N", default_value_t = 93)]
    scrambler: u32,
    #[command(flatten)]
    recorded: Sampled,
    /// Sample format of OUT in SigMF, or format of a file without a known extension: cf32, ci16, ci8, cu8 etc., or pcap
    #[arg(long)]
    out_format: Option<Stored>,
    #[command(flatten)]
    tuned: Tuned,
    /// First sample of the wave to imitate
    #[arg(long, value_name = "N", default_value_t = 0)]
    start: u64,
    /// Number of samples to imitate [default: all]
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Show every subcarrier and every OFDM symbol (JSON always has them)
    #[arg(long)]
    all: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// The nearest point, on as many subcarriers as are independent
    Exact,
    /// The nearest codeword, on all subcarriers
    Trellis,
}

/// Parses `A:B`, the lower first.
fn range(text: &str) -> Result<RangeInclusive<i32>, Failure> {
    let pair = text.split_once(':').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match pair {
        Some((from, to)) if from <= to => Ok(from..=to),
        _ => Err(Failure::input(format!("--tones {text}: give two subcarriers, the lower first, such as -26:-1"))),
    }
}

impl Emulate {
    pub fn run(self) -> Result<(), Failure> {
        output::claim(&self.out)?;
        let target = Target::of_path(&self.out, self.out_format)?;
        let (wanted, frequency) = (self.wanted(&target)?, self.tuned.frequency(&target)?);
        let wave = read(&self.wave, self.recorded.said(), self.start, self.count, &wanted)?;
        let imitation = imitate(&wave.samples, &wanted)?;
        tell_warnings(&wave.warnings);
        let frames = std::slice::from_ref(&imitation.frame);
        let transmission = Transmission { frames, silence: SILENCE, air: None, frequency };
        transmission.write(&self.out, &target)?;
        let note = transmission.notes().remove(0);
        if let Some(rank) = imitation.rank.as_ref().filter(|rank| rank.rank < rank.bits) {
            warn(&short_of(rank, imitation.measured.tones.len()));
        }
        match Format::of_flag(self.json) {
            Format::Json => say(&self.row(&imitation, &note)),
            Format::Table => self.tell(&imitation, &note, &target, wave.samples.len()),
        }
        Ok(())
    }

    fn wanted(&self, target: &Target) -> Result<Wanted, Failure> {
        Ok(Wanted {
            rate: self.rate.chosen(Guard::Long)?,
            framing: self.framing.of(target)?,
            inversion: match self.mode {
                Mode::Exact => Inversion::Exact,
                Mode::Trellis => Inversion::Trellis,
            },
            tones: self.tones.as_deref().map_or(Ok(ALL), range)?,
            scrambler: self.scrambler,
        })
    }

    fn tell(&self, imitation: &Imitation, note: &FrameNote, target: &Target, samples: usize) {
        let measured = &imitation.measured;
        print_table(&if self.all { tones(measured) } else { bands(&measured.bands()) });
        say("");
        print_table(&symbols(&measured.symbols, if self.all { usize::MAX } else { FEW }));
        let hidden = measured.symbols.len().saturating_sub(FEW);
        if !self.all && hidden > 0 {
            say(&format!("… {hidden} more; --all shows them"));
        }
        say("");
        say(
            "  power, error: over the wave's mean power on a wanted subcarrier; NMSE: error over power, 0 dB is as good as silence",
        );
        for line in summary(measured) {
            say(&format!("  {line}"));
        }
        let at = note.start + imitation.at as u64;
        say(&format!(
            "  {}: {target}; {}, {} octets, scrambler {}; the wave's {} OFDM symbols from sample {at} on",
            self.out.display(),
            note.rate,
            note.length,
            note.scrambler,
            imitation.symbols
        ));
        let left = samples - imitation.samples();
        if left > 0 {
            say(&format!("  the wave's last {left} samples do not fill an OFDM symbol and were left out"));
        }
    }

    fn row(&self, imitation: &Imitation, note: &FrameNote) -> String {
        let measured = &imitation.measured;
        let tones = measured.tones.iter().map(|tone| {
            let mut row = closeness(tone.closeness);
            row["tone"] = tone.tone.into();
            row["served"] = tone.is_served.into();
            row
        });
        json!({
            "wave": self.wave.display().to_string(),
            "file": self.out.display().to_string(),
            "mode": if self.mode == Mode::Exact { "exact" } else { "trellis" },
            "rate_mbps": note.rate.mbps(),
            "mcs": note.rate.mcs(),
            "length": note.length,
            "scrambler_init": note.scrambler,
            "frame_start": note.start,
            "wave_start": note.start + imitation.at as u64,
            "symbols": imitation.symbols,
            "samples": imitation.samples(),
            "gain": measured.gain,
            "served_nmse_db": measured.served_nmse_db,
            "wanted_nmse_db": measured.wanted_nmse_db,
            "sample_nmse_db": measured.sample_nmse_db,
            "wanted_share": measured.share,
            "rank": imitation.rank.as_ref().map(|rank| json!({ "bits": rank.bits, "rank": rank.rank, "tones": rank.served })),
            "tones": tones.collect::<Vec<_>>(),
            "ofdm_symbols": measured.symbols.iter().copied().map(closeness).collect::<Vec<_>>(),
        })
        .to_string()
    }
}

/// The limit of an exact inversion, and a remedy.
fn short_of(rank: &Rank, wanted: usize) -> String {
    let Rank { bits, rank, served } = rank;
    let named: Vec<String> = served.iter().map(i32::to_string).collect();
    format!(
        "warning: the {wanted} wanted subcarriers have {bits} coded bits a symbol, of rank {rank}: only {} of them can be \
         had, {}, and the others are left to chance; give fewer with --tones, or --mode trellis",
        served.len(),
        named.join(" ")
    )
}

/// Powers relative to the wave's mean; `serde_json` makes infinity null.
fn closeness(part: Closeness) -> Value {
    json!({ "power_db": part.power_db(), "error_db": part.error_db(), "nmse_db": part.nmse_db() })
}

fn db(db: f64) -> String {
    // A hundred dB down there are only rounding errors.
    if db > -100.0 { format!("{db:.2}") } else { "–".to_owned() }
}

fn table<const N: usize>(first: [&str; N], rows: Vec<([String; N], Closeness)>) -> Table {
    let headers = first.into_iter().chain(["power dB", "error dB", "NMSE dB"]).map(str::to_owned).collect();
    let row = |(first, part): ([String; N], Closeness)| {
        let last = [db(part.power_db()), db(part.error_db()), part.nmse_db().map_or("–".to_owned(), db)];
        first.into_iter().chain(last).collect()
    };
    Table { headers, rows: rows.into_iter().map(row).collect() }
}

fn bands(bands: &[Band]) -> Table {
    let row = |band: &Band| {
        let [name, served] = [format!("{} to {}", band.from, band.to), format!("{} of {}", band.served, band.wanted)];
        ([name, served], band.closeness)
    };
    table(["subcarriers", "served"], bands.iter().map(row).collect())
}

fn tones(measured: &Measured) -> Table {
    let row = |tone: &ToneError| {
        let served = if tone.is_served { "yes" } else { "no" };
        ([tone.tone.to_string(), served.to_owned()], tone.closeness)
    };
    table(["subcarrier", "served"], measured.tones.iter().map(row).collect())
}

fn symbols(symbols: &[Closeness], most: usize) -> Table {
    table(["OFDM symbol"], symbols.iter().take(most).enumerate().map(|(n, &part)| ([n.to_string()], part)).collect())
}

fn summary(measured: &Measured) -> [String; 3] {
    let Measured { served_nmse_db, wanted_nmse_db, sample_nmse_db, share, gain, .. } = measured;
    [
        format!(
            "NMSE {} dB on the served subcarriers, {} dB on all wanted ones",
            db(*served_nmse_db),
            db(*wanted_nmse_db)
        ),
        format!("NMSE {} dB of the samples, cyclic prefixes, pilots and all", db(*sample_nmse_db)),
        format!(
            "{:.1} % of the wave's energy is on the wanted subcarriers; the frame is the wave times {gain:.4}",
            100.0 * share
        ),
    ]
}
