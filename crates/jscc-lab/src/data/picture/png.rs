//! PNG, row by row.

use super::{MOST_PIXELS, PictureFault, Shrinking, check_size};
use png::{BitDepth, ColorType, Decoder, DecodingError, Transformations};
use std::io::{Cursor, ErrorKind};

/// First column and row of each pass of an interlaced picture, and the distance between its columns and rows (PNG
/// specification, section 8.2).
pub(super) const ADAM7: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
/// The single pass of a picture without interlacing.
const PLAIN: [[u32; 4]; 1] = [[0, 0, 1, 1]];

/// The picture, and the content of its Exif chunk.
pub(super) fn decode(bytes: &[u8]) -> Result<(Shrinking, Option<Vec<u8>>), PictureFault> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let (width, height) = decoder.read_header_info().map_err(fault)?.size();
    check_size(width, height, MOST_PIXELS, "")?;
    let mut reader = decoder.read_info().map_err(fault)?;
    let (colour, depth) = reader.output_color_type();
    let passes = if reader.info().interlaced { &ADAM7[..] } else { &PLAIN };
    let mut picture = Shrinking::new(width, height);
    for &[x, first, dx, dy] in passes {
        let rows = (first..height).step_by(dy as usize);
        for y in rows.take_while(|_| x < width) {
            let row = reader.next_row().map_err(fault)?.ok_or(PictureFault::Cut)?;
            picture.add(x, y, dx, pixels(row.data(), colour, depth));
        }
    }
    // The checksums follow the last row.
    if reader.next_row().map_err(fault)?.is_some() {
        return Err(PictureFault::Damaged("more rows than it says".to_owned()));
    }
    let exif = reader.info().exif_metadata.as_ref().map(|exif| exif.to_vec());
    Ok((picture, exif))
}

/// RGB over black of a row's pixels.
fn pixels(row: &[u8], colour: ColorType, depth: BitDepth) -> impl Iterator<Item = [f32; 3]> {
    let octets = if depth == BitDepth::Sixteen { 2 } else { 1 };
    let level = move |pixel: &[u8], i: usize| match depth {
        BitDepth::Sixteen => f32::from(u16::from_be_bytes([pixel[2 * i], pixel[2 * i + 1]])) / f32::from(u16::MAX),
        _ => f32::from(pixel[i]) / f32::from(u8::MAX),
    };
    row.chunks_exact(octets * colour.samples()).map(move |pixel| {
        let level = |i| level(pixel, i);
        match colour {
            ColorType::Grayscale | ColorType::Indexed => [level(0); 3],
            ColorType::GrayscaleAlpha => [level(0) * level(1); 3],
            ColorType::Rgb => [0, 1, 2].map(level),
            ColorType::Rgba => [0, 1, 2].map(|i| level(i) * level(3)),
        }
    })
}

fn fault(error: DecodingError) -> PictureFault {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => PictureFault::Cut,
        error => PictureFault::Damaged(error.to_string()),
    }
}
