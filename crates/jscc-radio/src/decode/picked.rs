//! One frame of a recording, with its samples.

use super::{CHUNK, Found, Listener, place_frame};
use crate::kind::{self, Kind};
use crate::source::Said;
use crate::{RadioError, Warning};
use jscc_phy::Complex32;
use jscc_phy::wifi::receive::Frame;
use jscc_phy::wifi::receiver::Reception;
use std::path::Path;

/// Selection of a frame of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first whose FCS is right.
    FirstGood,
    /// The frame of this number among those that [`Listener`] finds, counted from 1.
    Number(usize),
}

/// One frame of a recording.
pub struct Picked {
    /// Its number among the frames of the recording, from 1.
    pub number: usize,
    /// Its description.
    pub found: Found,
    /// Warnings about the recording.
    pub warnings: Vec<Warning>,
    pub(crate) frame: Frame,
    /// Its samples, at the receiver's rate.
    pub(crate) samples: Vec<Complex32>,
}

impl Picked {
    /// The frame `which` of the recording at `path`.
    ///
    /// # Errors
    /// Those of [`kind::open`], and [`RadioError::NoFrame`], also for a capture.
    pub fn read(path: &Path, said: Said, which: Which) -> Result<Self, RadioError> {
        let none = |reason| RadioError::NoFrame { path: path.to_path_buf(), reason };
        let mut listener = match kind::open(path, said)? {
            Kind::Recording(source) => Listener::new(*source),
            Kind::Capture(_) => return Err(none("a capture has frames and no samples".to_owned())),
        };
        let mut recent = Recent::default();
        let mut number = 0;
        while let Some(receptions) = listener.received()? {
            recent.push(&listener.samples);
            for reception in receptions {
                let Reception::Frame(mut frame) = reception else { continue };
                number += 1;
                let is_it = match which {
                    Which::FirstGood => frame.fcs_ok(),
                    Which::Number(wanted) => number == wanted,
                };
                if is_it {
                    let samples = recent.stretch(frame.start, frame.end);
                    place_frame(&mut frame, listener.source.ratio());
                    let (found, warnings) = (Found::of(&frame), listener.warnings()?);
                    return Ok(Self { number, found, warnings, frame: *frame, samples });
                }
            }
        }
        let reason = match which {
            Which::FirstGood => format!("none of its {number} frames has a right FCS, so say which with --frame"),
            Which::Number(wanted) => format!("there is no frame {wanted} among its {number}"),
        };
        let warnings = listener.warnings()?;
        let reason = warnings.iter().fold(reason, |reason, warning| format!("{reason}; {warning}"));
        Err(none(reason))
    }
}

/// The last samples passed to a receiver: at least those of any frame that it can report.
#[derive(Default)]
struct Recent {
    samples: Vec<Complex32>,
    /// Samples dropped before them.
    forgotten: usize,
}

/// Samples of the longest frame, of 5.5 ms with its header, and of the chunks read and searched.
const MOST_RECENT: usize = (1 << 17) + 2 * CHUNK;

impl Recent {
    fn push(&mut self, samples: &[Complex32]) {
        self.samples.extend_from_slice(samples);
        if self.samples.len() > 2 * MOST_RECENT {
            let old = self.samples.len() - MOST_RECENT;
            self.samples.drain(..old);
            self.forgotten += old;
        }
    }

    fn stretch(mut self, start: usize, end: usize) -> Vec<Complex32> {
        let [start, end] = [start, end].map(|at| at.saturating_sub(self.forgotten).min(self.samples.len()));
        self.samples.truncate(end);
        self.samples.split_off(start)
    }
}
