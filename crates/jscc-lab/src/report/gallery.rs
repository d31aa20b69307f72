//! Pictures to be embedded.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::{Gallery, GalleryRow};

impl Gallery {
    /// Panics unless every link delivered every picture at every SNR.
    pub(super) fn check(&self) {
        for row in &self.rows {
            let (got, want) = (row.received.len(), self.snr_db.len());
            assert_eq!(got, want, "{}: rows of pictures received, SNRs", row.label);
            for pictures in &row.received {
                let (got, want) = (pictures.len(), self.originals.len());
                assert_eq!(got, want, "{}: pictures received, originals", row.label);
            }
        }
    }

    /// The pictures of one link, row by row: the originals, then one row per SNR, each with its name.
    pub(super) fn pictures<'a>(&'a self, row: &'a GalleryRow) -> impl Iterator<Item = (String, &'a [Vec<f32>])> {
        let received = row.received.iter().map(Vec::as_slice);
        std::iter::once(("original".to_owned(), self.originals.as_slice()))
            .chain(self.snr_db.iter().map(|&snr| super::axis::label(snr) + " dB").zip(received))
    }

    /// Displayed width and height of a picture in a cell `cell` wide: a whole multiple of its pixels up to four, so
    /// that each stays square; a picture wider than the cell shrinks to it.
    pub(super) fn shown(&self, cell: f64) -> [f64; 2] {
        let [_, height, width] = self.shape.map(|n| n as f64);
        let fit = cell / width;
        let zoom = if fit >= 1.0 { fit.floor().min(4.0) } else { fit };
        [width * zoom, height * zoom]
    }

    /// Sampling of a picture displayed `shown` wide: enlarged pixels stay squares, shrunk ones blend.
    pub(super) fn rendering(&self, [shown, _]: [f64; 2]) -> &'static str {
        if shown < self.shape[2] as f64 { "image-rendering:smooth" } else { "image-rendering:pixelated" }
    }

    /// A picture as a data URL of a PNG file.
    pub(super) fn embed(&self, picture: &[f32]) -> String {
        data_url(&png(self.shape, picture))
    }
}

/// A PNG file as a data URL.
pub(crate) fn data_url(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png))
}

/// A picture of planes [channels, height, width] = `shape`, values in \[0,1\], as a PNG file.
pub(crate) fn png(shape: [usize; 3], picture: &[f32]) -> Vec<u8> {
    let [channels, height, width] = shape;
    let colour = match channels {
        1 => ExtendedColorType::L8,
        3 => ExtendedColorType::Rgb8,
        _ => panic!("{channels} channels, not 1 or 3"),
    };
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&interleaved(shape, picture), width as u32, height as u32, colour)
        .expect("a picture fits in memory");
    png
}

/// Planes as octets, pixel by pixel.
pub(crate) fn interleaved([channels, height, width]: [usize; 3], picture: &[f32]) -> Vec<u8> {
    let pixels = height * width;
    assert_eq!(picture.len(), channels * pixels, "values in a picture, its shape");
    let level = |value: f32| (255.0 * value.clamp(0.0, 1.0)).round() as u8;
    (0..pixels).flat_map(|at| (0..channels).map(move |c| level(picture[c * pixels + at]))).collect()
}
