//! JPEG, reduced by the decoder's own transform.
//!
//! A decoder takes missing bits at the end for zeros, and draws grey. So the picture is decoded twice, the second time
//! with other bits appended: if it is complete, they make no difference.

use super::{MOST_KEPT, MOST_PIXELS, MOST_PROGRESSIVE, PictureFault, Shrinking, check_size};
use jpeg_decoder::{CodingProcess, Decoder, Error, PixelFormat};
use std::io::ErrorKind;

/// End of image.
const EOI: [u8; 2] = [0xff, 0xd9];
/// Bits that differ from zeros under every table of codes; longer than a decoder's look-ahead.
const OTHER_BITS: [u8; 64] = [0x5a; 64];

/// The picture, and the content of its Exif segment.
pub(super) fn decode(bytes: &[u8]) -> Result<(Shrinking, Option<Vec<u8>>), PictureFault> {
    let survey = Survey::of(bytes);
    let scans = bytes.get(..survey.end).filter(|_| survey.end > 0).ok_or(PictureFault::Cut)?;
    if !survey.is_ended && !survey.is_complete() {
        return Err(PictureFault::Cut);
    }
    let decoded = Decoded::of(&[scans, &EOI].concat())?;
    let again = Decoded::of(&[scans, &OTHER_BITS, &EOI].concat());
    if again.is_ok_and(|again| again.octets == decoded.octets) { Ok(decoded.finish()) } else { Err(PictureFault::Cut) }
}

struct Decoded {
    width: u32,
    height: u32,
    format: PixelFormat,
    octets: Vec<u8>,
    exif: Option<Vec<u8>>,
}

impl Decoded {
    fn of(bytes: &[u8]) -> Result<Self, PictureFault> {
        let mut decoder = Decoder::new(bytes);
        decoder.read_info().map_err(fault)?;
        let info = decoder.info().expect("read");
        let (width, height) = (info.width.into(), info.height.into());
        match info.coding_process {
            CodingProcess::DctProgressive => check_size(width, height, MOST_PROGRESSIVE, " of a progressive JPEG")?,
            _ => check_size(width, height, MOST_PIXELS, "")?,
        }
        let longest = width.max(height);
        if longest > MOST_KEPT {
            let wanted = |side: u32| (u64::from(side) * u64::from(MOST_KEPT / 2) / u64::from(longest)).max(1) as u16;
            decoder.scale(wanted(width), wanted(height)).map_err(fault)?;
        }
        let octets = decoder.decode().map_err(fault)?;
        let info = decoder.info().expect("decoded");
        let exif = decoder.exif_data().map(<[u8]>::to_vec);
        Ok(Self { width: info.width.into(), height: info.height.into(), format: info.pixel_format, octets, exif })
    }

    fn finish(self) -> (Shrinking, Option<Vec<u8>>) {
        let Self { width, height, format, octets, exif } = self;
        let mut picture = Shrinking::new(width, height);
        let rows = octets.chunks_exact(width as usize * format.pixel_bytes());
        for (y, row) in (0..height).zip(rows) {
            picture.add(0, y, 1, row.chunks_exact(format.pixel_bytes()).map(|pixel| colour(pixel, format)));
        }
        (picture, exif)
    }
}

fn colour(pixel: &[u8], format: PixelFormat) -> [f32; 3] {
    let level = |i: usize| f32::from(pixel[i]) / f32::from(u8::MAX);
    match format {
        PixelFormat::L8 => [level(0); 3],
        PixelFormat::L16 => [f32::from(u16::from_ne_bytes([pixel[0], pixel[1]])) / f32::from(u16::MAX); 3],
        PixelFormat::RGB24 => [0, 1, 2].map(level),
        // Inks are subtractive.
        PixelFormat::CMYK32 => [0, 1, 2].map(|i| (1.0 - level(i)) * (1.0 - level(3))),
    }
}

fn fault(error: Error) -> PictureFault {
    match error {
        Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => PictureFault::Cut,
        error => PictureFault::Damaged(error.to_string()),
    }
}

/// The file's markers, before anything is decoded (ITU-T T.81, annex B).
#[derive(Debug, Default, PartialEq)]
struct Survey {
    /// End of the last scan's bits; 0 without a scan.
    end: usize,
    /// Whether an end-of-image marker is present.
    is_ended: bool,
    is_progressive: bool,
    /// Identifiers of the components, and a mask of their coefficients that are present with all bits.
    components: Vec<(u8, u64)>,
}

impl Survey {
    fn of(bytes: &[u8]) -> Self {
        let mut survey = Self::default();
        let mut at = 0;
        while let Some(marker) = next_marker(bytes, &mut at) {
            match marker {
                0xd9 => {
                    survey.is_ended = true;
                    break;
                }
                // Start of image, restarts, TEM: no segment follows.
                0x01 | 0xd0..=0xd8 => continue,
                _ => {}
            }
            let Some(segment) = segment(bytes, &mut at) else { break };
            match marker {
                // Frame headers; 0xc4, 0xc8 and 0xcc are not.
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => survey.frame(marker, segment),
                0xda => {
                    survey.scan(segment);
                    at = end_of_bits(bytes, at);
                    survey.end = at;
                }
                _ => {}
            }
        }
        survey
    }

    fn frame(&mut self, marker: u8, segment: &[u8]) {
        self.is_progressive = marker == 0xc2;
        let numbers = segment.get(6..).unwrap_or_default().chunks_exact(3);
        self.components = numbers.map(|component| (component[0], 0)).collect();
    }

    fn scan(&mut self, segment: &[u8]) {
        let Some((&n, rest)) = segment.split_first() else { return };
        let Some((of, [from, to, bits, ..])) = rest.split_at_checked(2 * usize::from(n)) else { return };
        // Of a coefficient sent in parts, the last part has the lowest bit.
        let lowest_bit = bits % 16;
        let is_last = !self.is_progressive || lowest_bit == 0;
        let coefficients = if self.is_progressive { *from..=*to } else { 0..=63 };
        let mask = coefficients.filter(|_| is_last).fold(0u64, |mask, i| mask | 1 << (i & 63));
        for (number, came) in &mut self.components {
            if of.chunks_exact(2).any(|selector| selector[0] == *number) {
                *came |= mask;
            }
        }
    }

    /// Whether every coefficient of every component is present with all its bits.
    fn is_complete(&self) -> bool {
        !self.components.is_empty() && self.components.iter().all(|(_, came)| *came == u64::MAX)
    }
}

/// The next marker from `at` on; moves `at` behind it.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let found = bytes.get(*at..)?.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff))?;
    *at += found + 2;
    Some(bytes[*at - 1])
}

/// The payload of the segment at `at`.
fn segment<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let length = usize::from(u16::from_be_bytes(bytes.get(*at..*at + 2)?.try_into().ok()?));
    let segment = bytes.get(*at + 2..*at + length)?;
    *at += length;
    Some(segment)
}

/// End of the entropy-coded bits from `at` on: at a marker other than a restart, or at the end of the file.
fn end_of_bits(bytes: &[u8], at: usize) -> usize {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    let end = bytes[at..].windows(2).position(is_marker).map_or(bytes.len(), |found| at + found);
    // Excludes fill bytes before a marker and, at the end of the file, half a marker.
    at + bytes[at..end].iter().rposition(|&byte| byte != 0xff).map_or(0, |last| last + 1)
}
