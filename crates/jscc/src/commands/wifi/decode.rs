//! `jscc wifi decode`: every frame of a recording, a line each.

use super::row::{self, Extent};
use super::{Recorded, capture, note};
use crate::failure::Failure;
use crate::output::{Format, say};
use crate::progress::Progress;
use clap::{Args, ValueEnum};
use jscc_radio::RadioError;
use jscc_radio::decode::{Found, Heard, Listener};
use jscc_radio::keep::{Annotated, Capture};
use jscc_radio::kind::{self, Kind};
use jscc_radio::source::Source;
use serde_json::json;
use std::path::PathBuf;

/// List the frames of a recording, or of a pcap: place, rate, length, FCS, content, offset, SNR, EVM, scrambler state.
///
/// Frames with a wrong FCS are listed too, for their bits are what joint coding lives on; that of an A-MPDU is right if
/// that of one frame in it is. Frames of kinds that the receiver does not have (several streams, LDPC, 802.11ac, ...)
/// are named. What could not be read at all is counted.
#[derive(Args)]
#[command(after_help = "Examples:\n  jscc wifi decode air.cf32\n  jscc wifi decode hackrf.bin --format ci8 --json\n  \
    jscc wifi decode air.sigmf-meta --fcs ok --pcap air.pcap --annotate found.sigmf-meta\n  \
    receiver | jscc wifi decode - --format ci16\n  jscc wifi decode air.pcap")]
pub struct Decode {
    /// The recording: raw samples, SigMF, a pcap or pcapng of frames, also packed by gzip; - for the standard input
    file: PathBuf,
    #[command(flatten)]
    recorded: Recorded,
    /// Which frames
    #[arg(long, value_enum, default_value_t = Fcs::All)]
    fcs: Fcs,
    /// Show whole PSDUs (JSON always has them)
    #[arg(long)]
    all: bool,
    /// Show preambles after which nothing could be read, too
    #[arg(long)]
    lost: bool,
    /// Write the frames to a pcap with radiotap headers, as a card in monitor mode does
    #[arg(long, value_name = "OUT.pcap")]
    pcap: Option<PathBuf>,
    /// Write the recording as SigMF with an annotation for each frame
    #[arg(long, value_name = "OUT.sigmf-meta")]
    annotate: Option<PathBuf>,
    /// Print a JSON object for each frame
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fcs {
    /// Those whose frame check sequence is right
    Ok,
    /// All whose header was sound
    All,
}

/// What was listed, and what was not.
#[derive(Default)]
struct Count {
    frames: usize,
    good: usize,
    refused: usize,
    lost: usize,
}

impl Decode {
    pub fn run(self) -> Result<(), Failure> {
        let source = match kind::open(&self.file, self.recorded.said())? {
            Kind::Capture(reader) => return capture::list(&self.file, reader, self.format(), self.extent()),
            Kind::Recording(source) => source,
        };
        let mut kept = Kept::begin(&self, &source)?;
        // A pipe does not say how much there is to come.
        let mut progress = source.total().map(|total| Progress::new("decoding", total));
        let mut listener = Listener::new(source);
        let mut count = Count::default();
        if !self.json {
            say(&row::header());
        }
        while let Some(heard) = listener.next_chunk()? {
            kept.samples(&listener)?;
            for heard in heard {
                let line = self.line(heard, &mut count, &mut kept)?;
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
        kept.finish()?;
        self.sum_up(&count, listener.source());
        Ok(())
    }

    fn format(&self) -> Format {
        Format::of_flag(self.json)
    }

    fn extent(&self) -> Extent {
        if self.all { Extent::Whole } else { Extent::Beginning }
    }

    /// Counts and keeps what was heard; the line for it, if it is to be shown.
    fn line(&self, heard: Heard, count: &mut Count, kept: &mut Kept) -> Result<Option<String>, Failure> {
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
                kept.frame(*found)?;
                Ok(Some(line))
            }
            Heard::Refused { at, why } => {
                count.refused += 1;
                Ok(Some(self.other(at, "refused", &why)))
            }
            Heard::Lost { at, why } => {
                count.lost += 1;
                Ok(self.lost.then(|| self.other(at, "lost", &why)))
            }
        }
    }

    fn other(&self, at: u64, what: &str, why: &str) -> String {
        match self.format() {
            Format::Json => json!({ "start": at, what: why }).to_string(),
            Format::Table => format!("{at:>10}  {what}: {why}"),
        }
    }

    fn sum_up(&self, count: &Count, source: &Source) {
        let Count { frames, good, refused, lost } = count;
        note(&format!(
            "{}: {} samples; frames: {frames}, FCS right: {good}, refused: {refused}, preambles lost: {lost}",
            self.file.display(),
            source.done()
        ));
        if source.trailing() > 0 {
            let bytes = source.trailing();
            note(&format!("warning: {bytes} bytes after the last whole sample of {} were left out", source.format()));
        }
    }
}

/// The files that are written beside the listing.
struct Kept {
    pcap: Option<Capture>,
    annotated: Option<Annotated>,
}

impl Kept {
    fn begin(decode: &Decode, source: &Source) -> Result<Self, RadioError> {
        let pcap = decode.pcap.as_deref().map(Capture::create).transpose()?;
        let annotated = decode.annotate.as_deref().map(|path| Annotated::create(path, source)).transpose()?;
        Ok(Self { pcap, annotated })
    }

    fn samples(&mut self, listener: &Listener) -> Result<(), RadioError> {
        self.annotated.as_mut().map_or(Ok(()), |annotated| annotated.write(listener.samples()))
    }

    fn frame(&mut self, found: Found) -> Result<(), RadioError> {
        if let Some(pcap) = &mut self.pcap {
            pcap.write(&found)?;
        }
        if let Some(annotated) = &mut self.annotated {
            annotated.note(found.note);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), RadioError> {
        self.pcap.map_or(Ok(()), Capture::finish)?;
        self.annotated.map_or(Ok(()), Annotated::finish)
    }
}
