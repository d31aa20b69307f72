//! Channel and impairments by name, for test recordings.

use jscc_phy::Complex32;
use jscc_phy::channel::Channel;
use jscc_phy::channel::impairment::Impairment;
use jscc_phy::channel::names::BadName;
use jscc_phy::random::stream;
use jscc_phy::units::Snr;

/// Channel and impairments between transmitter and receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Air {
    channel: Channel,
    no: f32,
    impairments: Vec<Impairment>,
    seed: u64,
}

impl Air {
    /// A channel of this name, such as `tgn-d`, without noise.
    ///
    /// # Errors
    /// [`BadName`], with the valid names.
    pub fn new(channel: &str, seed: u64) -> Result<Self, BadName> {
        Ok(Self { channel: channel.parse()?, no: 0.0, impairments: Vec::new(), seed })
    }

    /// Adds noise, at an Es/N0 of a data subcarrier in dB.
    #[must_use]
    pub fn noisy(self, snr_db: f64) -> Self {
        Self { no: Snr::per_symbol(snr_db).no_time_sample(), ..self }
    }

    /// Adds an impairment of this name, such as `cfo:20000`.
    ///
    /// # Errors
    /// [`BadName`], with the valid names.
    pub fn with(mut self, impairment: &str) -> Result<Self, BadName> {
        self.impairments.push(impairment.parse()?);
        // In the order of the signal path, for any order of the arguments.
        self.impairments.sort_by_key(|impairment| impairment.place());
        Ok(self)
    }

    /// Passes samples from one radio to the other; the same seed gives the same channel.
    pub fn carry(&self, samples: &mut [Complex32]) {
        let n = samples.len();
        let (before, after) = self.impairments.split_at(self.impairments.partition_point(|i| i.is_senders()));
        let distort = |samples: &mut [Complex32], first: usize, impairments: &[Impairment]| {
            for (i, impairment) in impairments.iter().enumerate() {
                impairment.draw(n, &mut stream(self.seed, "impairment", (first + i) as u64)).apply(samples);
            }
        };
        distort(samples, 0, before);
        self.channel.draw(n, self.no, &mut stream(self.seed, "air", 0)).apply(samples);
        distort(samples, before.len(), after);
    }
}
