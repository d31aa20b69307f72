//! Links of experiment files.

mod air;
mod words;

pub use air::{ChannelSpec, ImpairmentSpec};
pub use words::{CsiSpec, FramingSpec, RoomSpec};

use super::values;
use crate::Error;
use air::chain;
use jscc_phy::emulation::Inversion;
use jscc_phy::emulation::waveform::Tones;
use jscc_phy::emulation::waveform::pulse::Shaping;
use jscc_phy::link::{
    Aim, Bits, BitsConfig, Damaged, Delivery, Equaliser, Hand, Ideal, Ladder, Link, Mix, Number, Power, Receive,
    Reception, Rung, Waveform, WaveformConfig, Wifi, WifiConfig,
};
use jscc_phy::wifi::Mcs;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A link between encoder and decoder.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkSpec {
    /// Additive white Gaussian noise on the symbols themselves.
    Ideal,
    /// A fading channel on the symbols themselves.
    Fading(FadingSpec),
    /// 802.11 frames that imitate the symbols.
    Wifi(WifiSpec),
    /// 802.11 frames that imitate the symbols, at a rate chosen by the SNR.
    #[serde(deserialize_with = "ladder")]
    Ladder(Vec<RungSpec>),
    /// 802.11 frames that imitate the symbols' waveform.
    Waveform(WaveformSpec),
    /// 802.11 frames with the symbols as numbers in them.
    Bits(BitsSpec),
}

/// `link.fading`: y = h·z + n, one channel use per symbol. On multipath channels the symbols occupy OFDM subcarriers.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FadingSpec {
    /// "rayleigh", "rayleigh:16", "rayleigh:symbol", "rician:6", "tgn-a" to "tgn-f", "exp:50" or "awgn".
    pub channel: ChannelSpec,
    /// Use of the receiver's channel knowledge.
    pub csi: CsiSpec,
    /// Smallest |h|² by which zero forcing divides.
    #[serde(default = "values::default_floor", deserialize_with = "values::weight")]
    pub floor: f32,
}

impl FadingSpec {
    fn build(&self) -> Ideal {
        let equaliser = match self.csi {
            CsiSpec::None => Equaliser::None,
            CsiSpec::Zf => Equaliser::ZeroForcing { floor: self.floor },
            CsiSpec::Mmse => Equaliser::Mmse,
        };
        Ideal { channel: self.channel.0, equaliser }
    }
}

/// `link.wifi`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WifiSpec {
    /// 6, 9, 12, 18, 24, 36, 48 or 54 (Mb/s), or "ht0" to "ht7".
    #[serde(deserialize_with = "values::rate", serialize_with = "values::rate_as_written")]
    pub rate: Mcs,
    /// How the transmitter is inverted.
    pub inversion: Inversion,
    /// What surrounds the symbols' bits.
    pub framing: FramingSpec,
    /// What the decoder gets.
    pub receive: Receive,
    /// What the receiver is told.
    pub reception: Reception,
    /// What lies between the two radios: "awgn", "rayleigh", "rician:6", "tgn-a" to "tgn-f", "exp:50", ...
    #[serde(default, skip_serializing_if = "ChannelSpec::is_awgn")]
    pub channel: ChannelSpec,
    /// Impairments of the radios: "cfo:20000", "sco:20", "phase-noise:100", "iq-tx:0.5,2", "rapp:3,6",
    /// "burst:0.001,80,10", ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impairments: Vec<ImpairmentSpec>,
    /// Gain of the transmitter: that of a card, unless it is "scaled".
    #[serde(default)]
    pub power: Power,
    /// Images per frame.
    #[serde(deserialize_with = "values::at_least_one")]
    pub images_per_frame: usize,
    /// OFDM symbols beyond those that a frame needs.
    #[serde(default)]
    pub spare: usize,
    /// Use of the spare symbols, with a trellis inversion.
    #[serde(default)]
    pub room: RoomSpec,
    /// Weight of the power of unused subcarriers, with a trellis inversion.
    #[serde(default, deserialize_with = "values::weight")]
    pub silence: f32,
    /// Amplitude of symbols of mean power 1 on the constellation; by default that of least error without noise.
    #[serde(default, deserialize_with = "values::some_scale", skip_serializing_if = "Option::is_none")]
    pub scale: Option<f32>,
    /// Mixing of a frame's symbols, "chirp"; by default each has its own place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<Mix>,
}

/// `[[link.ladder]]`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RungSpec {
    /// SNR in dB from which on this rung is used; the first is also used below.
    #[serde(deserialize_with = "values::snr_point")]
    pub from_db: f64,
    /// Frames that imitate the symbols.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wifi: Option<WifiSpec>,
    /// Frames that carry the symbols as numbers, instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<BitsSpec>,
}

impl RungSpec {
    /// The rung's link; `None` unless there is exactly one.
    pub fn link(&self) -> Option<LinkSpec> {
        match (&self.wifi, &self.bits) {
            (Some(wifi), None) => Some(LinkSpec::Wifi(wifi.clone())),
            (None, Some(bits)) => Some(LinkSpec::Bits(bits.clone())),
            _ => None,
        }
    }

    fn images_per_frame(&self) -> Option<usize> {
        let of_wifi = self.wifi.as_ref().map(|wifi| wifi.images_per_frame);
        of_wifi.or(self.bits.as_ref().map(|bits| bits.images_per_frame))
    }

    fn build(&self, k: usize) -> Result<Rung, Error> {
        Ok((self.from_db, self.link().expect("checked when it was read").build(k)?))
    }
}

fn ladder<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<RungSpec>, D::Error> {
    let rungs = values::not_empty::<D, RungSpec>(value)?;
    no_ladder(&rungs).map_or(Ok(rungs), |why| Err(D::Error::custom(why)))
}

/// Reason why these rungs are not a ladder; `None` if they are.
fn no_ladder(rungs: &[RungSpec]) -> Option<String> {
    if rungs.iter().any(|rung| rung.link().is_none()) {
        return Some("a rung has either `wifi` or `bits`".to_owned());
    }
    let falling = rungs.windows(2).find(|pair| pair[0].from_db >= pair[1].from_db);
    if let Some(pair) = falling {
        return Some(format!("rungs rise: {} dB, {} dB", pair[0].from_db, pair[1].from_db));
    }
    let differ = rungs.windows(2).any(|pair| pair[0].images_per_frame() != pair[1].images_per_frame());
    differ.then(|| "all rungs have the same images_per_frame".to_owned())
}

/// `link.waveform`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WaveformSpec {
    /// 6, 9, 12, 18, 24, 36, 48 or 54 (Mb/s), or "ht0" to "ht7".
    #[serde(deserialize_with = "values::rate", serialize_with = "values::rate_as_written")]
    pub rate: Mcs,
    /// How the transmitter is inverted.
    pub inversion: Inversion,
    /// The subcarriers that imitate the waveform.
    pub tones: Tones,
    /// Roll-off of the root raised cosine, 0 to 1.
    pub roll_off: f64,
    /// Samples per symbol at 20 Msample/s.
    pub samples_per_symbol: usize,
    /// Length of the truncated pulse in symbols.
    pub span: usize,
    /// Subcarrier in the middle of the band.
    pub centre: i32,
    /// What the sender aims at.
    pub aim: Aim,
    /// What surrounds the symbols' bits.
    pub framing: FramingSpec,
    /// What the receiver makes its waveform of.
    pub receive: Receive,
    /// What the decoder gets.
    #[serde(default)]
    pub hand: Hand,
    /// What the receiver is told.
    pub reception: Reception,
    /// What lies between the two radios: "awgn", "rayleigh", "rician:6", "tgn-a" to "tgn-f", "exp:50", ...
    #[serde(default, skip_serializing_if = "ChannelSpec::is_awgn")]
    pub channel: ChannelSpec,
    /// Impairments of the radios: "cfo:20000", "sco:20", "phase-noise:100", "iq-tx:0.5,2", "rapp:3,6",
    /// "burst:0.001,80,10", ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impairments: Vec<ImpairmentSpec>,
    /// Gain of the transmitter: that of a card, unless it is "scaled".
    #[serde(default)]
    pub power: Power,
    /// Images per frame.
    #[serde(deserialize_with = "values::at_least_one")]
    pub images_per_frame: usize,
    /// Amplitude of a waveform of in-band power 1 on the constellation; by default that of least error without noise.
    #[serde(default, deserialize_with = "values::some_scale", skip_serializing_if = "Option::is_none")]
    pub scale: Option<f32>,
}

/// `link.bits`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BitsSpec {
    /// 6, 9, 12, 18, 24, 36, 48 or 54 (Mb/s), or "ht0" to "ht7".
    #[serde(deserialize_with = "values::rate", serialize_with = "values::rate_as_written")]
    pub rate: Mcs,
    /// Format of real and imaginary parts: "float32" (IEEE 754), or "fixed1" to "fixed16", that many bits for equal
    /// steps over ±2.
    #[serde(deserialize_with = "values::number", serialize_with = "values::number_as_written")]
    pub number: Number,
    /// Largest magnitude of a received "float32"; a damaged exponent can make it anything.
    #[serde(default = "values::default_clip", deserialize_with = "values::clip")]
    pub clip: f32,
    /// Treatment of a damaged frame.
    #[serde(default)]
    pub damaged: Damaged,
    /// What the receiver is told.
    pub reception: Reception,
    /// What lies between the two radios: "awgn", "rayleigh", "rician:6", "tgn-a" to "tgn-f", "exp:50", ...
    #[serde(default, skip_serializing_if = "ChannelSpec::is_awgn")]
    pub channel: ChannelSpec,
    /// Impairments of the radios: "cfo:20000", "sco:20", "phase-noise:100", "iq-tx:0.5,2", "rapp:3,6",
    /// "burst:0.001,80,10", ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impairments: Vec<ImpairmentSpec>,
    /// Gain of the transmitter: that of a card, unless it is "scaled".
    #[serde(default)]
    pub power: Power,
    /// Images per frame.
    #[serde(deserialize_with = "values::at_least_one")]
    pub images_per_frame: usize,
}

impl LinkSpec {
    /// Channel and impairments, if more than white noise: "over tgn-d, cfo:20000".
    pub fn air(&self) -> Option<String> {
        let (channel, impairments) = match self {
            Self::Ideal | Self::Ladder(_) => return None,
            Self::Fading(fading) => (fading.channel, &[][..]),
            Self::Wifi(wifi) => (wifi.channel, &wifi.impairments[..]),
            Self::Waveform(waveform) => (waveform.channel, &waveform.impairments[..]),
            Self::Bits(bits) => (bits.channel, &bits.impairments[..]),
        };
        let named = (!channel.is_awgn()).then(|| String::from(channel)).into_iter();
        let words: Vec<_> = named.chain(impairments.iter().copied().map(String::from)).collect();
        (!words.is_empty()).then(|| format!("over {}", words.join(", ")))
    }

    /// Reason why no codec can use such a link; `None` if one can.
    pub(super) fn misfit(&self) -> Option<String> {
        match self {
            Self::Waveform(waveform) => Some(Error::from(waveform.shaping().checked().err()?).to_string()),
            Self::Wifi(wifi) => wifi.misfit(),
            Self::Ladder(rungs) => rungs.iter().filter_map(|rung| rung.wifi.as_ref()).find_map(WifiSpec::misfit),
            Self::Ideal | Self::Fading(_) | Self::Bits(_) => None,
        }
    }

    /// Whether frames may be lost.
    pub(crate) fn loses_frames(&self) -> bool {
        let of = |reception: Reception| reception == Reception::Unaided;
        match self {
            Self::Ideal | Self::Fading(_) => false,
            Self::Wifi(wifi) => of(wifi.reception),
            Self::Ladder(rungs) => rungs.iter().filter_map(RungSpec::link).any(|link| link.loses_frames()),
            Self::Waveform(waveform) => of(waveform.reception),
            Self::Bits(bits) => of(bits.reception) || bits.damaged == Damaged::Lost,
        }
    }

    /// The link for `k` symbols per image, if the decoder of a method accepts what it delivers.
    pub fn build_for(
        &self,
        method: &str,
        accepts: impl Fn(Delivery) -> bool,
        k: usize,
    ) -> Result<Box<dyn Link>, Error> {
        let link = self.build(k)?;
        if accepts(link.delivers()) { Ok(link) } else { Err(Error::WrongDelivery { codec: method.to_owned() }) }
    }

    /// The link for `k` symbols per image.
    pub fn build(&self, k: usize) -> Result<Box<dyn Link>, Error> {
        Ok(match self {
            Self::Ideal => Box::new(Ideal::default()),
            Self::Fading(fading) => Box::new(fading.build()),
            Self::Wifi(wifi) => Box::new(wifi.build(k)?),
            Self::Ladder(rungs) => {
                let rungs = rungs.iter().map(|rung| rung.build(k)).collect::<Result<Vec<_>, Error>>()?;
                if let Some(from_db) = Ladder::alike(&rungs) {
                    return Err(Error::RungsAlike { from_db });
                }
                Box::new(Ladder::new(rungs))
            }
            Self::Waveform(waveform) => Box::new(waveform.build(k)?),
            Self::Bits(bits) => Box::new(bits.build(k)?),
        })
    }
}

impl WifiSpec {
    fn misfit(&self) -> Option<String> {
        let is_used = self.room != RoomSpec::Erased || self.silence > 0.0;
        (self.inversion == Inversion::Exact && is_used).then(|| Error::NoRoom.to_string())
    }

    /// The link for `k` symbols per image.
    pub fn build(&self, k: usize) -> Result<Wifi, Error> {
        if self.misfit().is_some() {
            return Err(Error::NoRoom);
        }
        let config = WifiConfig {
            mcs: self.rate,
            inversion: self.inversion,
            framing: self.framing.into(),
            receive: self.receive,
            reception: self.reception,
            air: chain(self.channel, &self.impairments),
            power: self.power,
            images_per_frame: self.images_per_frame,
            spare: self.spare,
            room: self.room.into(),
            silence: self.silence,
            scale: self.scale,
            mix: self.mix,
        };
        let spare = self.spare;
        Wifi::new(config, k).map_err(|reason| if spare > 0 { Error::Spare { spare, reason } } else { reason.into() })
    }
}

impl WaveformSpec {
    fn shaping(&self) -> Shaping {
        let Self { roll_off, samples_per_symbol, span, centre, .. } = *self;
        Shaping { roll_off, samples_per_symbol, span, centre }
    }

    fn build(&self, k: usize) -> Result<Waveform, Error> {
        let config = WaveformConfig {
            mcs: self.rate,
            inversion: self.inversion,
            tones: self.tones,
            shaping: self.shaping().checked()?,
            aim: self.aim,
            framing: self.framing.into(),
            receive: self.receive,
            hand: self.hand,
            reception: self.reception,
            air: chain(self.channel, &self.impairments),
            power: self.power,
            images_per_frame: self.images_per_frame,
            scale: self.scale,
        };
        Ok(Waveform::new(config, k)?)
    }
}

impl BitsSpec {
    fn build(&self, k: usize) -> Result<Bits, Error> {
        let config = BitsConfig {
            mcs: self.rate,
            number: self.number,
            clip: self.clip,
            damaged: self.damaged,
            reception: self.reception,
            air: chain(self.channel, &self.impairments),
            power: self.power,
            images_per_frame: self.images_per_frame,
        };
        Ok(Bits::new(config, k)?)
    }
}
