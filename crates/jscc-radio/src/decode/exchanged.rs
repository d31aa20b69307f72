//! Detection of exchanged I and Q in a recording without frames.

use jscc_phy::Complex32;
use jscc_phy::wifi::receive::Lost;
use jscc_phy::wifi::receiver::{Receiver, Reception};

/// Samples searched with I and Q exchanged: four beacons of a network.
const MAX_EXCHANGED: usize = 1 << 23;

/// A second receiver, on the mirrored spectrum, as long as the first finds nothing.
pub(super) struct Exchanged {
    receiver: Option<Receiver>,
    left: usize,
    samples: Vec<Complex32>,
    frames: usize,
    good: usize,
}

impl Default for Exchanged {
    fn default() -> Self {
        Self { receiver: Some(Receiver::new()), left: MAX_EXCHANGED, samples: Vec::new(), frames: 0, good: 0 }
    }
}

impl Exchanged {
    /// Searches the samples in which the first receiver found `heard`.
    pub(super) fn compare(&mut self, heard: &[Reception], samples: &[Complex32]) {
        let is_straight = |reception: &Reception| {
            matches!(reception, Reception::Frame(_) | Reception::Lost { why: Lost::Unsupported(_), .. })
        };
        if heard.iter().any(is_straight) {
            *self = Self { receiver: None, left: 0, samples: Vec::new(), frames: 0, good: 0 };
        }
        let Some(mut receiver) = self.receiver.take() else { return };
        let (frames, good) = (&mut self.frames, &mut self.good);
        let mut count = |reception| {
            if let Reception::Frame(frame) = reception {
                *frames += 1;
                *good += usize::from(frame.fcs_ok());
            }
        };
        self.samples.clear();
        self.samples.extend(samples.iter().take(self.left).map(Complex32::conj));
        self.left -= self.samples.len();
        if self.samples.is_empty() {
            receiver.finish(count);
        } else {
            receiver.push(&self.samples, &mut count);
            self.receiver = Some(receiver);
        }
    }

    /// Whether there are frames, and not by chance: one with a right FCS, or several.
    pub(super) fn is_likely(&self) -> bool {
        self.good > 0 || self.frames > 1
    }
}
