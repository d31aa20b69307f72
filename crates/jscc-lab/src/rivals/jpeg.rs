//! JPEG at a few octets per picture, with headers and tables agreed in advance and only the scan on the air; and as
//! files.
//!
//! The crate `jpeg-encoder` quantises and writes, `image` reads. A scan is unstuffed, and its Huffman codes are
//! replaced by those of agreed tables; the reader prepends the agreed header.

use super::huffman::{Symbol, Table, Tables, fit, parse, write};
use super::{Decoded, N_PIXELS, SIDE, SourceCodec};
use image::ImageFormat;
use jpeg_encoder::{ColorType, Encoder, QuantizationTableType};
use jscc_photo::coding::bitstream::{BitReader, BitWriter};
use rayon::prelude::*;

/// Bits of the quality in a stream; 0 stands for no picture.
const QUALITY_BITS: usize = 7;
/// Finest quality.
const FINEST: usize = 100;
/// Training pictures to which Huffman tables are fitted, per quality.
const FITTED: usize = 1000;

/// Quantisation steps that the quality scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// Annex K's example for luminance, designed for visual quality, scaled as libjpeg does.
    AnnexK,
    /// The same step for every coefficient, best for the squared error: 2040 at quality 1, 8 at quality 100. Files
    /// allow no step beyond 255, which is too fine for most budgets here, so both sides agree on an eighth of the
    /// contrast, with black at JPEG's zero level, so that no step turns the background grey.
    Flat,
}

/// Huffman codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes {
    /// Annex K's.
    AnnexK,
    /// Optimal for training pictures, per quality.
    Trained,
}

/// JPEG without headers.
#[derive(Debug)]
pub struct Jpeg {
    canvas: Canvas,
    steps: Steps,
    codes: Codes,
    /// Agreed headers and tables, per quality from 1 on.
    agreed: Vec<Agreed>,
}

/// Header and tables of a quality, known to both sides.
#[derive(Debug)]
struct Agreed {
    /// Everything before the scan.
    header: Vec<u8>,
    /// Tables of the crate's scan, and those on the air.
    written: Tables,
    sent: Tables,
}

/// Arrangement of the pictures on one canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Canvas {
    columns: usize,
    rows: usize,
    /// Levels of black and white.
    levels: (f32, f32),
}

impl Canvas {
    /// As close to a square as whole rows allow.
    fn new(pictures: usize, levels: (f32, f32)) -> Self {
        let rows = (1..=pictures).filter(|rows| pictures.is_multiple_of(*rows) && rows * rows <= pictures).max();
        let rows = rows.expect("a canvas of at least one picture");
        Self { columns: pictures / rows, rows, levels }
    }

    /// Pixels of a side in whole blocks.
    fn padded(pictures: usize) -> usize {
        (pictures * SIDE).next_multiple_of(8)
    }

    fn width(self) -> usize {
        Self::padded(self.columns)
    }

    fn height(self) -> usize {
        Self::padded(self.rows)
    }

    fn blocks(self) -> usize {
        self.width() * self.height() / 64
    }

    /// Index of the picture's pixel behind a pixel of the canvas; those beyond the pictures repeat the last.
    fn source(self, pixel: usize) -> usize {
        let x = (pixel % self.width()).min(self.columns * SIDE - 1);
        let y = (pixel / self.width()).min(self.rows * SIDE - 1);
        ((y / SIDE) * self.columns + x / SIDE) * N_PIXELS + y % SIDE * SIDE + x % SIDE
    }

    fn lay(self, pictures: &[f32]) -> Vec<u8> {
        let (black, white) = self.levels;
        let pixel = |i| (black + (white - black) * pictures[self.source(i)]).round() as u8;
        (0..self.width() * self.height()).map(pixel).collect()
    }

    fn cut(self, canvas: &[u8]) -> Vec<Decoded> {
        let (black, white) = self.levels;
        let mut pictures = vec![0.0; self.columns * self.rows * N_PIXELS];
        for (i, &pixel) in canvas.iter().enumerate() {
            let (x, y) = (i % self.width(), i / self.width());
            if x < self.columns * SIDE && y < self.rows * SIDE {
                pictures[self.source(i)] = ((f32::from(pixel) - black) / (white - black)).clamp(0.0, 1.0);
            }
        }
        pictures.chunks_exact(N_PIXELS).map(|picture| Some(picture.to_vec())).collect()
    }
}

impl Steps {
    fn table(self, quality: usize) -> QuantizationTableType {
        match self {
            Self::AnnexK => QuantizationTableType::Default,
            Self::Flat => {
                let fineness = (quality - 1) as f64 / (FINEST - 1) as f64;
                let step = 255f64.powf(1.0 - fineness);
                QuantizationTableType::Custom(Box::new([step.round() as u16; 64]))
            }
        }
    }

    /// The levels of black and white.
    fn levels(self) -> (f32, f32) {
        match self {
            Self::AnnexK => (0.0, 255.0),
            Self::Flat => (128.0, 160.0),
        }
    }

    /// A complete file.
    fn file(self, canvas: Canvas, pixels: &[u8], quality: usize, optimised: bool) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, quality as u8);
        let table = self.table(quality);
        encoder.set_quantization_tables(table.clone(), table);
        encoder.set_optimized_huffman_tables(optimised);
        let (width, height) = (canvas.width() as u16, canvas.height() as u16);
        encoder.encode(pixels, width, height, ColorType::Luma).expect("a grey picture can be written to memory");
        file
    }

    fn name(self) -> &'static str {
        match self {
            Self::AnnexK => "annex K",
            Self::Flat => "flat",
        }
    }
}

/// The segments of a file before its scan, each with its marker, and the scan including the end marker.
fn segments(file: &[u8]) -> (Vec<(u8, &[u8])>, &[u8]) {
    let (mut segments, mut at) = (Vec::new(), 2);
    loop {
        let marker = file[at + 1];
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        segments.push((marker, &file[at + 4..at + 2 + length]));
        at += 2 + length;
        if marker == SOS {
            return (segments, &file[at..]);
        }
    }
}

const SOS: u8 = 0xda;
const DHT: u8 = 0xc4;
const DC: u8 = 0x00;
const AC: u8 = 0x10;

/// The bits of a scan without the stuffed zero after each octet of 255, and without the end marker.
fn unstuffed(scan: &[u8]) -> Vec<u8> {
    let scan = scan.strip_suffix(&[0xff, 0xd9]).unwrap_or(scan);
    let mut before = 0;
    let is_data = |&octet: &u8| {
        !(octet == 0 && std::mem::replace(&mut before, octet) == 0xff) && {
            before = octet;
            true
        }
    };
    scan.iter().copied().filter(is_data).flat_map(|octet| (0..8).rev().map(move |i| octet >> i & 1)).collect()
}

/// The inverse of [`unstuffed`], for any number of bits.
fn stuffed(bits: &[u8]) -> Vec<u8> {
    let octet = |bits: &[u8]| (0..8).fold(0, |octet, i| octet << 1 | bits.get(i).copied().unwrap_or(1));
    let stuff = |octet: u8| std::iter::once(octet).chain((octet == 0xff).then_some(0));
    bits.chunks(8).map(octet).flat_map(stuff).chain([0xff, 0xd9]).collect()
}

fn tables(segments: &[(u8, &[u8])]) -> Tables {
    let read = segments.iter().filter(|(marker, _)| *marker == DHT).flat_map(|(_, body)| Table::read_segment(body));
    let read: Vec<_> = read.collect();
    let of = |wanted: u8| read.iter().find(|(place, _)| *place == wanted).map(|(_, table)| table.clone());
    Tables { dc: of(DC).expect("a table of DC"), ac: of(AC).expect("a table of AC") }
}

/// Everything before the scan, with other Huffman tables.
fn header(segments: &[(u8, &[u8])], sent: &Tables) -> Vec<u8> {
    let mut header = vec![0xff, 0xd8];
    let mut push = |marker: u8, body: &[u8]| {
        header.extend([0xff, marker]);
        header.extend((body.len() as u16 + 2).to_be_bytes());
        header.extend(body);
    };
    for &(marker, body) in segments.iter().filter(|(marker, _)| *marker != DHT) {
        if marker == SOS {
            push(DHT, &[sent.dc.segment(DC), sent.ac.segment(AC)].concat());
        }
        push(marker, body);
    }
    header
}

impl Jpeg {
    /// JPEG of `pictures` pictures on one canvas, with tables fitted to training pictures.
    pub fn fit(train: &[f32], pictures: usize, steps: Steps, codes: Codes) -> Self {
        let canvas = Canvas::new(pictures, steps.levels());
        let seen = &train[..train.len().min(FITTED * N_PIXELS)];
        let canvases: Vec<Vec<u8>> = seen.chunks_exact(pictures * N_PIXELS).map(|p| canvas.lay(p)).collect();
        let agree = |quality: usize| {
            let blank = steps.file(canvas, &vec![0; canvas.width() * canvas.height()], quality, false);
            let (segments, _) = segments(&blank);
            let written = tables(&segments);
            let symbols = |pixels: &Vec<u8>| symbols(steps, canvas, pixels, quality, &written);
            let sent = match codes {
                Codes::AnnexK => written.clone(),
                Codes::Trained => fit(&canvases.iter().flat_map(symbols).collect::<Vec<_>>()),
            };
            Agreed { header: header(&segments, &sent), written, sent }
        };
        Self { canvas, steps, codes, agreed: (1..=FINEST).into_par_iter().map(agree).collect() }
    }

    /// The stream of a canvas.
    fn write(&self, pixels: &[u8], quality: usize) -> Option<Vec<u8>> {
        let agreed = &self.agreed[quality - 1];
        let mut writer = BitWriter::default();
        writer.write(quality as u32, QUALITY_BITS);
        write(&symbols(self.steps, self.canvas, pixels, quality, &agreed.written), &agreed.sent, &mut writer)?;
        Some(writer.finish())
    }
}

fn symbols(steps: Steps, canvas: Canvas, pixels: &[u8], quality: usize, written: &Tables) -> Vec<Symbol> {
    let file = steps.file(canvas, pixels, quality, false);
    parse(&unstuffed(segments(&file).1), canvas.blocks(), written)
}

/// The finest quality whose stream fits: sizes rise with quality, up to a few bits.
fn finest(fitting: impl Fn(usize) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let (mut fits, mut beyond, mut best) = (0, FINEST + 1, None);
    while beyond - fits > 1 {
        let middle = usize::midpoint(fits, beyond);
        match fitting(middle) {
            Some(bits) => (fits, best) = (middle, Some(bits)),
            None => beyond = middle,
        }
    }
    best
}

impl SourceCodec for Jpeg {
    fn name(&self) -> String {
        let codes = if self.codes == Codes::Trained { "trained" } else { "annex K" };
        format!("jpeg, {} steps, {codes} codes", self.steps.name())
    }

    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8> {
        let pixels = self.canvas.lay(pictures);
        finest(|quality| self.write(&pixels, quality).filter(|bits| bits.len() <= budget)).unwrap_or_default()
    }

    fn decode(&self, bits: &[u8], pictures: usize) -> Vec<Decoded> {
        assert_eq!(pictures, self.canvas.columns * self.canvas.rows, "pictures of a canvas");
        let mut reader = BitReader::new(bits);
        let quality = reader.read(QUALITY_BITS) as usize;
        let Some(agreed) = quality.checked_sub(1).and_then(|i| self.agreed.get(i)) else {
            return vec![None; pictures];
        };
        read(self.canvas, &[&agreed.header[..], &stuffed(reader.rest())].concat())
    }
}

fn read(canvas: Canvas, file: &[u8]) -> Vec<Decoded> {
    match image::load_from_memory_with_format(file, ImageFormat::Jpeg) {
        Ok(image) => canvas.cut(image.to_luma8().as_raw()),
        Err(_) => vec![None; canvas.columns * canvas.rows],
    }
}

/// JPEG as files, with headers and with Huffman tables optimised for the canvas.
#[derive(Debug)]
pub struct JpegFile {
    canvas: Canvas,
}

impl JpegFile {
    /// Files with `pictures` pictures on one canvas.
    pub fn new(pictures: usize) -> Self {
        Self { canvas: Canvas::new(pictures, Steps::AnnexK.levels()) }
    }

    /// Octets of the smallest file of these pictures.
    pub fn least_octets(&self, pictures: &[f32]) -> usize {
        Steps::AnnexK.file(self.canvas, &self.canvas.lay(pictures), 1, true).len()
    }
}

impl SourceCodec for JpegFile {
    fn name(&self) -> String {
        "jpeg file".into()
    }

    fn encode(&self, pictures: &[f32], budget: usize) -> Vec<u8> {
        let pixels = self.canvas.lay(pictures);
        let file = |quality| Steps::AnnexK.file(self.canvas, &pixels, quality, true);
        let file = finest(|quality| Some(file(quality)).filter(|file| 8 * file.len() <= budget)).unwrap_or_default();
        jscc_phy::bits::to_bits(&file)
    }

    fn decode(&self, bits: &[u8], _: usize) -> Vec<Decoded> {
        let whole = bits.len() / 8 * 8;
        read(self.canvas, &jscc_phy::bits::to_octets(&bits[..whole]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use crate::rivals::tests::mse_at;

    #[test]
    fn canvases_are_laid_and_cut() {
        let levels = Steps::AnnexK.levels();
        assert_eq!(Canvas::new(10, levels), Canvas { columns: 5, rows: 2, levels });
        assert_eq!((Canvas::new(10, levels).blocks(), Canvas::new(1, levels).blocks()), (18 * 7, 16));
        let pixels: Vec<f32> = (0..10 * N_PIXELS).map(|i| (i * 7 % 256) as f32 / 255.0).collect();
        let back: Vec<f32> = Canvas::new(10, levels)
            .cut(&Canvas::new(10, levels).lay(&pixels))
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        assert!(back.iter().zip(&pixels).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn stuffing_is_undone() {
        let scan = [0xff, 0x00, 0x12, 0xff, 0x00, 0x00, 0xff, 0xd9];
        let bits = unstuffed(&scan);
        assert_eq!(bits.len(), 8 * 4);
        assert_eq!(stuffed(&bits), scan);
        assert_eq!(stuffed(&[0]), [0x7f, 0xff, 0xd9]);
    }

    #[test]
    fn a_stripped_scan_is_the_files_picture() {
        let train = digits::dataset(2, 0..200).images.pixels;
        let pictures = digits::dataset(3, 0..10).images.pixels;
        for (steps, codes) in
            [(Steps::AnnexK, Codes::AnnexK), (Steps::AnnexK, Codes::Trained), (Steps::Flat, Codes::Trained)]
        {
            let codec = Jpeg::fit(&train, 10, steps, codes);
            let pixels = codec.canvas.lay(&pictures);
            for quality in [1, 30, 90] {
                let mut bits = codec.write(&pixels, quality).unwrap();
                // As in a frame, which is padded with zeros.
                bits.extend([0; 19]);
                let file = steps.file(codec.canvas, &pixels, quality, true);
                assert_eq!(codec.decode(&bits, 10), read(codec.canvas, &file), "{steps:?}, {codes:?}, {quality}");
            }
        }
    }

    #[test]
    fn budgets_are_kept_and_what_does_not_fit_is_not_sent() {
        let train = digits::dataset(2, 0..200).images.pixels;
        let test = digits::dataset(3, 0..40).images.pixels;
        let codec = Jpeg::fit(&train, 10, Steps::Flat, Codes::Trained);
        assert!(codec.decode(&codec.encode(&test[..10 * N_PIXELS], 20), 10).iter().all(Option::is_none));
        let errors = [600, 1200, 2104, 8000].map(|budget| mse_at(&codec, &test, budget, false));
        assert!(errors.windows(2).all(|pair| pair[1] < pair[0]), "{errors:?}");
        let file = JpegFile::new(10);
        assert!(mse_at(&file, &test, 40_000, false) < errors[2]);
        assert!(file.least_octets(&test[..10 * N_PIXELS]) > 150);
    }
}
