//! `jscc wifi decode`: every frame of a recording, one per line.

use super::capture::{self, Shown};
use super::row::{self, Extent, Fcs};
use super::{Recorded, note, tell_warnings};
use crate::failure::Failure;
use crate::output::{self, Format, say};
use crate::progress::Progress;
use clap::Args;
use jscc_radio::annotated::Annotated;
use jscc_radio::decode::{Found, Heard, Listener};
use jscc_radio::keep::Capture;
use jscc_radio::kind::{self, Kind};
use jscc_radio::source::{IqOrder, Source};
use jscc_radio::{RadioError, Warning};
use serde_json::json;
use std::path::PathBuf;

/// List the frames of a recording, or of a pcap: place, rate, length, FCS, content, offset, SNR, EVM, scrambler state.
///
/// Frames with a wrong FCS are listed too, because joint coding needs their bits; the FCS of an A-MPDU counts as right
/// if that of one of its frames is. Frames of kinds that the receiver does not support (several streams, LDPC,
/// 802.11ac, ...) are named. Preambles without a readable header are counted. Places count in samples of the recording,
/// at its own rate.
///
/// JSON has one object per line: for each frame; with `refused` for one that is only named; with `lost`, on request. If
/// samples are not numbers, the last object has their count as `bad_samples`, and the place of the first as `start`.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc wifi decode air.cf32\n  jscc wifi decode hackrf.bin --format ci8 --json\n  \
    jscc wifi decode usrp.ci16 --rate 61.44e6 --swap-iq\n  \
    jscc wifi decode air.sigmf-meta --fcs ok --pcap air.pcap --annotate found.sigmf-meta\n  \
    receiver | jscc wifi decode - --format ci16\n  jscc wifi decode air.pcap")]
pub struct Decode {
    /// The recording: raw samples, SigMF, a pcap or pcapng of frames, also gzip-compressed; - for standard input
    file: PathBuf,
    #[command(flatten)]
    recorded: Recorded,
    /// Frames to list
    #[arg(long, value_enum, default_value_t = Fcs::All)]
    fcs: Fcs,
    /// Show whole PSDUs (JSON always has them)
    #[arg(long)]
    all: bool,
    /// Also show preambles after which nothing could be read
    #[arg(long)]
    lost: bool,
    /// Write the frames to a pcap with radiotap headers, as a card in monitor mode does; - for standard output
    #[arg(long, value_name = "OUT.pcap")]
    pcap: Option<PathBuf>,
    /// Write the recording as SigMF with an annotation per frame; existing annotations are kept
    #[arg(long, value_name = "OUT.sigmf-meta")]
    annotate: Option<PathBuf>,
    /// Print a JSON object per frame
    #[arg(long)]
    json: bool,
}

/// Counts of listed and other frames.
#[derive(Default)]
struct Count {
    frames: usize,
    good: usize,
    refused: usize,
    lost: usize,
}

impl Decode {
    pub fn run(self) -> Result<(), Failure> {
        for out in self.pcap.iter().chain(&self.annotate) {
            output::claim(out)?;
        }
        let mut source = match kind::open(&self.file, self.recorded.said())? {
            Kind::Capture(reader) => {
                self.refuse_what_needs_samples()?;
                let shown = Shown { format: self.format(), extent: self.extent(), fcs: self.fcs };
                return capture::list(&self.file, reader, shown);
            }
            Kind::Recording(source) => *source,
        };
        let mut kept = Kept::begin(&self, &mut source)?;
        // The length of a pipe is unknown.
        let mut progress = source.total().map(|total| Progress::new("decoding", total));
        let mut listener = Listener::new(source);
        let mut count = Count::default();
        if !self.json {
            say(&row::header());
        }
        while let Some(heard) = listener.next_chunk()? {
            kept.samples(&mut listener)?;
            for heard in heard {
                let line = self.line(heard, &mut count, &mut kept, listener.source())?;
                match (line, &progress) {
                    (Some(line), Some(progress)) => progress.aside(|| say(&line)),
                    (Some(line), None) => say(&line),
                    (None, _) => {}
                }
            }
            if let Some(progress) = &mut progress {
                progress.set(listener.source().done(), &format!("{} frames", count.frames));
            }
        }
        if let Some(progress) = progress {
            progress.finish();
        }
        let warnings = listener.warnings()?;
        kept.finish(listener.source())?;
        self.say_bad(&warnings);
        self.sum_up(&count, listener.source());
        tell_warnings(&warnings);
        Ok(())
    }

    /// Refuses options that need samples, for a capture.
    fn refuse_what_needs_samples(&self) -> Result<(), Failure> {
        let said = self.recorded.said();
        let options = [
            ("--pcap", self.pcap.is_some()),
            ("--annotate", self.annotate.is_some()),
            ("--rate", said.sample_rate.is_some()),
            ("--swap-iq", said.order == IqOrder::Qi),
            ("--lost", self.lost),
        ];
        match options.iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(Failure::input(format!(
                "{}: {option} is for recordings, and this is a capture, which has frames and no samples; leave it out",
                self.file.display()
            ))),
            None => Ok(()),
        }
    }

    fn format(&self) -> Format {
        Format::of_flag(self.json)
    }

    fn extent(&self) -> Extent {
        if self.all { Extent::Whole } else { Extent::Beginning }
    }

    /// Counts and keeps a reception; returns its line, if it is to be shown.
    fn line(
        &self,
        heard: Heard,
        count: &mut Count,
        kept: &mut Kept,
        source: &Source,
    ) -> Result<Option<String>, Failure> {
        match heard {
            Heard::Frame(found) => {
                count.frames += 1;
                count.good += usize::from(found.note.fcs_ok);
                if self.fcs == Fcs::Ok && !found.note.fcs_ok {
                    return Ok(None);
                }
                let line = match self.format() {
                    Format::Json => row::json(&found).to_string(),
                    Format::Table => row::text(&found, self.extent()),
                };
                kept.frame(*found, source)?;
                Ok(Some(line))
            }
            Heard::Refused { at, refusal } => {
                count.refused += 1;
                Ok(Some(match self.format() {
                    Format::Json => row::refused(at, &refusal).to_string(),
                    Format::Table => format!("{at:>10}  refused: {}", refusal.why),
                }))
            }
            Heard::Lost { at, why } => {
                count.lost += 1;
                Ok(self.lost.then(|| match self.format() {
                    Format::Json => json!({ "start": at, "lost": why }).to_string(),
                    Format::Table => format!("{at:>10}  lost: {why}"),
                }))
            }
        }
    }

    /// Reports samples that are not numbers in JSON, whose readers do not see warnings.
    fn say_bad(&self, warnings: &[Warning]) {
        if self.format() == Format::Json {
            let rows = warnings.iter().filter_map(row::bad);
            rows.for_each(|row| say(&row.to_string()));
        }
    }

    fn sum_up(&self, count: &Count, source: &Source) {
        let Count { frames, good, refused, lost } = count;
        note(&format!(
            "{}: {} samples; frames: {frames}, FCS right: {good}, refused: {refused}, preambles lost: {lost}",
            self.file.display(),
            source.done()
        ));
    }
}

/// Files written besides the listing.
struct Kept {
    pcap: Option<Capture>,
    annotated: Option<Annotated>,
}

impl Kept {
    fn begin(decode: &Decode, source: &mut Source) -> Result<Self, RadioError> {
        let pcap = decode.pcap.as_deref().map(Capture::create).transpose()?;
        let annotated = decode.annotate.as_deref().map(|path| Annotated::create(path, source)).transpose()?;
        Ok(Self { pcap, annotated })
    }

    fn samples(&mut self, listener: &mut Listener) -> Result<(), RadioError> {
        self.annotated.as_mut().map_or(Ok(()), |annotated| annotated.copy(listener.source_mut()))
    }

    fn frame(&mut self, found: Found, source: &Source) -> Result<(), RadioError> {
        if let Some(pcap) = &mut self.pcap {
            pcap.write(&found, source)?;
        }
        if let Some(annotated) = &mut self.annotated {
            annotated.note(found.note, source);
        }
        Ok(())
    }

    fn finish(self, source: &Source) -> Result<(), RadioError> {
        self.pcap.map_or(Ok(()), Capture::finish)?;
        self.annotated.map_or(Ok(()), |annotated| annotated.finish(source))
    }
}
