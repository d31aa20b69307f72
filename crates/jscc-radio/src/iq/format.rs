//! Formats of samples: kind of number and byte order, by name.

use jscc_phy::Complex32;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Format of a sample, I and Q.
///
/// Integers are scaled to full scale ±1: ci16 is divided by 32768, and so on; unsigned ones, whose zero lies between
/// two codes, are (code - 127.5) / 127.5 in cu8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleFormat {
    number: Number,
    order: ByteOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    F32,
    F64,
    I32,
    I16,
    I8,
    U32,
    U16,
    U8,
}

/// Byte order; little-endian for single octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

/// A name or file name that is not a format of samples.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} names {}; use {} (also fc32, cfile, cs16, sc16, cs8, sc8 and their like)",
    if is_real(.name) { "real numbers, where samples are I and Q" } else { "no sample format" }, SampleFormat::NAMES
)]
pub struct FormatError {
    /// The name given.
    pub name: String,
}

impl SampleFormat {
    /// Two `f32`, little-endian.
    pub const CF32: Self = Self::little(Number::F32);
    /// Two `f64`, little-endian.
    pub const CF64: Self = Self::little(Number::F64);
    /// Two `i16`, little-endian.
    pub const CI16: Self = Self::little(Number::I16);
    /// Two `i8`: HackRF.
    pub const CI8: Self = Self::little(Number::I8);
    /// Two `u8`: RTL-SDR.
    pub const CU8: Self = Self::little(Number::U8);

    /// All formats.
    pub const ALL: [Self; 14] = [
        Self::CF32,
        Self::CI16,
        Self::CI8,
        Self::CU8,
        Self::CF64,
        Self::little(Number::I32),
        Self::little(Number::U32),
        Self::little(Number::U16),
        Self::big(Number::F32),
        Self::big(Number::F64),
        Self::big(Number::I32),
        Self::big(Number::I16),
        Self::big(Number::U32),
        Self::big(Number::U16),
    ];

    /// The names, as text.
    pub const NAMES: &str = "cf32, cf64, ci32, ci16, ci8, cu32, cu16 or cu8, with _be behind it for big-endian";

    const fn little(number: Number) -> Self {
        Self { number, order: ByteOrder::Little }
    }

    const fn big(number: Number) -> Self {
        Self { number, order: ByteOrder::Big }
    }

    /// Bytes of one sample, I and Q together.
    pub fn sample_bytes(self) -> usize {
        match self.number {
            Number::F64 => 16,
            Number::F32 | Number::I32 | Number::U32 => 8,
            Number::I16 | Number::U16 => 4,
            Number::I8 | Number::U8 => 2,
        }
    }

    /// Whether numbers are floating-point, and so have no full scale and may be NaN.
    pub(super) fn is_float(self) -> bool {
        matches!(self.number, Number::F32 | Number::F64)
    }

    /// The format given by the extension of `path`.
    ///
    /// # Errors
    /// If the extension is not a format.
    pub fn of_path(path: &Path) -> Result<Self, FormatError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        extension.parse().map_err(|_| FormatError { name: path.to_string_lossy().into_owned() })
    }

    pub(super) fn decode(self, bytes: &[u8], samples: &mut Vec<Complex32>) {
        match self.number {
            Number::F32 => self.extend(samples, bytes, f32::from_le_bytes),
            Number::F64 => self.extend(samples, bytes, |code| f64::from_le_bytes(code) as f32),
            Number::I32 => self.extend(samples, bytes, |code| i32::from_le_bytes(code) as f32 / 2_147_483_648.0),
            Number::I16 => self.extend(samples, bytes, |code| f32::from(i16::from_le_bytes(code)) / 32768.0),
            Number::I8 => self.extend(samples, bytes, |code| f32::from(i8::from_le_bytes(code)) / 128.0),
            Number::U32 => self.extend(samples, bytes, |code| unsigned(u32::from_le_bytes(code), 32)),
            Number::U16 => self.extend(samples, bytes, |code| unsigned(u16::from_le_bytes(code).into(), 16)),
            Number::U8 => self.extend(samples, bytes, |[code]: [u8; 1]| unsigned(code.into(), 8)),
        }
    }

    fn extend<const N: usize>(self, samples: &mut Vec<Complex32>, bytes: &[u8], number: impl Fn([u8; N]) -> f32) {
        let (numbers, _) = bytes.as_chunks::<N>();
        let (pairs, _) = numbers.as_chunks::<2>();
        match self.order {
            ByteOrder::Little => samples.extend(pairs.iter().map(|&[i, q]| Complex32::new(number(i), number(q)))),
            ByteOrder::Big => {
                let number = |mut code: [u8; N]| {
                    code.reverse();
                    number(code)
                };
                samples.extend(pairs.iter().map(|&[i, q]| Complex32::new(number(i), number(q))));
            }
        }
    }

    /// The bytes of one number; a cast to an integer saturates.
    pub(super) fn encode(self, value: f32, bytes: &mut Vec<u8>) {
        let at = bytes.len();
        let wide = f64::from(value);
        match self.number {
            Number::F32 => bytes.extend(value.to_le_bytes()),
            Number::F64 => bytes.extend(wide.to_le_bytes()),
            Number::I32 => bytes.extend(((wide * 2_147_483_648.0).round() as i32).to_le_bytes()),
            Number::I16 => bytes.extend(((value * 32768.0).round() as i16).to_le_bytes()),
            Number::I8 => bytes.extend(((value * 128.0).round() as i8).to_le_bytes()),
            Number::U32 => bytes.extend(((wide * half(32) + half(32)).round() as u32).to_le_bytes()),
            Number::U16 => bytes.extend(((wide * half(16) + half(16)).round() as u16).to_le_bytes()),
            Number::U8 => bytes.push((wide * half(8) + half(8)).round() as u8),
        }
        if self.order == ByteOrder::Big {
            bytes[at..].reverse();
        }
    }

    /// SigMF's name of the format.
    pub(crate) fn datatype(self) -> String {
        match (self.number, self.order) {
            (Number::I8 | Number::U8, _) | (_, ByteOrder::Big) => self.to_string(),
            (_, ByteOrder::Little) => format!("{self}_le"),
        }
    }
}

/// The code of zero in an unsigned integer.
fn half(bits: u8) -> f64 {
    (1u64 << bits) as f64 / 2.0 - 0.5
}

fn unsigned(code: u32, bits: u8) -> f32 {
    ((f64::from(code) - half(bits)) / half(bits)) as f32
}

/// Whether this is SigMF's name of a format of real numbers.
fn is_real(name: &str) -> bool {
    let kind = name.rsplit_once('.').map_or(name, |(_, extension)| extension);
    let kind = kind.trim_end_matches("_le").trim_end_matches("_be");
    ["rf64", "rf32", "ri32", "ri16", "ri8", "ru32", "ru16", "ru8"].contains(&kind)
}

impl FromStr for SampleFormat {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, FormatError> {
        let small = name.to_ascii_lowercase();
        let (kind, order) = match small.rsplit_once('_') {
            Some((kind, "le")) => (kind, ByteOrder::Little),
            Some((kind, "be")) => (kind, ByteOrder::Big),
            _ => (&small[..], ByteOrder::Little),
        };
        let number = match kind {
            "cf32" | "fc32" | "cfile" => Number::F32,
            "cf64" | "fc64" => Number::F64,
            "ci32" | "cs32" | "sc32" => Number::I32,
            "ci16" | "cs16" | "sc16" => Number::I16,
            "ci8" | "cs8" | "sc8" => return Ok(Self::CI8),
            "cu32" => Number::U32,
            "cu16" => Number::U16,
            "cu8" => return Ok(Self::CU8),
            _ => return Err(FormatError { name: name.to_owned() }),
        };
        Ok(Self { number, order })
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.number {
            Number::F32 => "cf32",
            Number::F64 => "cf64",
            Number::I32 => "ci32",
            Number::I16 => "ci16",
            Number::I8 => "ci8",
            Number::U32 => "cu32",
            Number::U16 => "cu16",
            Number::U8 => "cu8",
        })?;
        f.write_str(if self.order == ByteOrder::Big { "_be" } else { "" })
    }
}
