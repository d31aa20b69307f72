//! Receiving of photographs, which sharpen as their frames arrive.

use super::PhotoError;
use crate::spec::Decoder;
use jscc_photo::Picture;
use jscc_photo::model::SHIPPED;
use jscc_photo::receive::{Photograph, Receiver, Was};
use jscc_phy::wifi::receive::Refinement;
use jscc_phy::wifi::receiver::Reception;
use jscc_phy::wifi::{Mcs, Ppdu};
use jscc_radio::decode::Listener;
use jscc_radio::encode::scrambler_state;
use jscc_radio::kind::Kind;
use jscc_radio::pcap::{Losses, Packet, Reader};
use jscc_radio::source::Source;
use jscc_radio::{RadioError, Warning};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

/// Smallest part of a frame that a capture must contain.
const LEAST_KEPT: f64 = 0.5;

/// A photograph that has arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// Its number on the air.
    pub id: u16,
    /// Frames of its detail that arrived, and that were sent.
    pub frames: (usize, usize),
    /// SNR in dB of its received symbols; `None` without any.
    pub symbols_db: Option<f32>,
    /// The picture.
    pub picture: Picture,
    /// Time in ms until the next picture of its sequence; 0 for a picture of none.
    pub interval_ms: u16,
}

impl Photo {
    /// Whether it is of a sequence.
    pub fn is_of_sequence(&self) -> bool {
        self.interval_ms > 0
    }
}

/// Result of receiving.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// Photographs whose base arrived, by number.
    pub photos: Vec<Photo>,
    /// Photographs whose base did not: number, frames of it that arrived, frames that it takes.
    pub lost: Vec<(u16, usize, usize)>,
    /// Frames of no photograph.
    pub others: usize,
    /// Parts of a capture that could not be read, one line each.
    pub losses: Vec<String>,
    /// Warnings about a recording.
    pub warnings: Vec<Warning>,
}

impl Received {
    /// Whether there was any frame of a base.
    pub fn is_any(&self) -> bool {
        !self.photos.is_empty() || !self.lost.is_empty()
    }
}

/// What is told while receiving: samples done and in all, and photographs that have become sharper.
pub trait Watcher {
    /// Samples done, and in all if that is known.
    fn progress(&mut self, done: u64, total: Option<u64>);
    /// A photograph as it is so far, in closed form; `draw` takes some time.
    ///
    /// # Errors
    /// Those of what it does with it.
    fn sharper(&mut self, id: u16, draw: &dyn Fn() -> Photo) -> Result<(), PhotoError>;
    /// A photograph all of whose frames have arrived.
    ///
    /// # Errors
    /// Those of what it does with it.
    fn complete(&mut self, photo: &Photo) -> Result<(), PhotoError>;
}

/// Receives the photographs in the file at `path`, opened before. `scrambler` is the sender's state. They are drawn in closed form
/// while frames are missing, and in the end by `decoder`.
///
/// # Errors
/// [`PhotoError::Radio`], also for a capture without a readable packet, and `Frame` for the scrambler state.
pub fn receive(
    path: &Path,
    kind: Kind,
    scrambler: u32,
    decoder: Decoder,
    watcher: &mut dyn Watcher,
) -> Result<Received, PhotoError> {
    let receiver = Receiver::new(&SHIPPED, scrambler_state(scrambler)?);
    let mut gathering = Gathering { receiver, decoder, watcher, complete: BTreeMap::new(), others: 0 };
    let (mut losses, mut warnings) = (Vec::new(), Vec::new());
    match kind {
        Kind::Capture(reader) => losses = gathering.capture(path, reader)?,
        Kind::Recording(source) => warnings = gathering.recording(*source)?,
    }
    let Gathering { receiver, mut complete, others, .. } = gathering;
    let photo = |(id, photograph)| complete.remove(&id).unwrap_or_else(|| drawn(id, photograph, decoder));
    Ok(Received {
        photos: receiver.photographs().map(photo).collect(),
        lost: receiver.lost().collect(),
        others: others + receiver.unclaimed(),
        losses,
        warnings,
    })
}

fn drawn(id: u16, photograph: &Photograph, decoder: Decoder) -> Photo {
    let picture = decoder.picture(photograph);
    let interval_ms = photograph.header().interval_ms;
    Photo { id, frames: photograph.frames(), symbols_db: photograph.symbols_db(), picture, interval_ms }
}

struct Gathering<'a> {
    receiver: Receiver<'static>,
    decoder: Decoder,
    watcher: &'a mut dyn Watcher,
    /// Photographs that nothing can make sharper.
    complete: BTreeMap<u16, Photo>,
    /// Frames that cannot be ours.
    others: usize,
}

impl Gathering<'_> {
    fn recording(&mut self, source: Source) -> Result<Vec<Warning>, PhotoError> {
        // Emulated frames fail their FCS by design: decoding them again would rely on bits that were never sent.
        let mut listener = Listener::with(source, Refinement::Never);
        while let Some(receptions) = listener.receptions()? {
            for reception in receptions {
                match reception {
                    Reception::Frame(frame) if !frame.aggregation => self.add(Some(frame.ppdu.mcs()), frame.psdu)?,
                    Reception::Frame(_) => self.others += 1,
                    Reception::Lost { .. } => {}
                }
            }
            self.watcher.progress(listener.source().done(), listener.source().total());
        }
        Ok(listener.warnings()?)
    }

    fn capture(&mut self, path: &Path, mut reader: Reader<'_>) -> Result<Vec<String>, PhotoError> {
        let (mut losses, mut is_any) = (Losses::default(), false);
        for next in reader.by_ref() {
            match next {
                Ok(packet) => {
                    is_any = true;
                    self.packet(&packet)?;
                }
                Err(error) => losses.add(error),
            }
        }
        let lines = losses.lines(&reader);
        match losses.into_first() {
            Some(error) if !is_any => Err(RadioError::pcap(path)(error).into()),
            _ => Ok(lines),
        }
    }

    fn packet(&mut self, packet: &Packet) -> Result<(), PhotoError> {
        let rate = packet.radiotap.rate().ok().and_then(|rate| rate.ppdu(1).ok()).map(Ppdu::mcs);
        for reading in packet.readings().iter().filter(|reading| packet.kept(reading) >= LEAST_KEPT) {
            if reading.length > 0 && self.receiver.is_of_any(rate, &packet.psdu(reading)) {
                return self.add(rate, packet.psdu(reading));
            }
        }
        match packet.readings().first() {
            Some(reading) if reading.length > 0 => self.add(rate, packet.psdu(reading)),
            _ => {
                self.others += 1;
                Ok(())
            }
        }
    }

    fn add(&mut self, rate: Option<Mcs>, psdu: Vec<u8>) -> Result<(), PhotoError> {
        let (Was::Base(id) | Was::Detail(id)) = self.receiver.add(rate, psdu) else { return Ok(()) };
        let Some(photograph) = self.receiver.photograph(id) else { return Ok(()) };
        let (received, sent) = photograph.frames();
        if received == sent {
            let Entry::Vacant(place) = self.complete.entry(id) else { return Ok(()) };
            return self.watcher.complete(place.insert(drawn(id, photograph, self.decoder)));
        }
        self.watcher.sharper(id, &|| drawn(id, photograph, Decoder::Closed))
    }
}
