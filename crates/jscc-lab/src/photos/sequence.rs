//! Sequences of photographs: a picture whose base is lost shows the one before it.

use super::receive::{Photo, Received};
use crate::report::gallery::interleaved;
use png::{BitDepth, ColorType, Encoder};

/// Most pictures in a row that one stands for: a longer gap is between two sequences.
const MOST_HELD: u16 = 100;

/// What stands for a picture of a sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown<'a> {
    /// Its number.
    pub id: u16,
    /// The picture, or the last one before it that arrived.
    pub photo: &'a Photo,
}

impl Shown<'_> {
    /// Whether it is the one before.
    pub fn is_held(&self) -> bool {
        self.photo.id != self.id
    }
}

impl Received {
    /// Every number from the first photograph on, as far as pictures of a sequence tell; photographs of none stand for themselves.
    pub fn shown(&self) -> Vec<Shown<'_>> {
        let mut shown = Vec::new();
        for (n, photo) in self.photos.iter().enumerate() {
            let last = match self.photos.get(n + 1) {
                Some(next) if next.is_of_sequence() => next.id - 1,
                Some(_) => photo.id,
                // Of the last ones lost, some frames may have told of them.
                None => self.lost.iter().map(|(id, ..)| *id).filter(|id| *id > photo.id).max().unwrap_or(photo.id),
            };
            let is_gap = photo.is_of_sequence() && last - photo.id <= MOST_HELD;
            let last = if is_gap { last } else { photo.id };
            shown.extend((photo.id..=last).map(|id| Shown { id, photo }));
        }
        shown
    }
}

/// The pictures of a sequence as an animated PNG; `None` if they are none, or of several sizes.
pub fn animation(shown: &[Shown]) -> Option<Vec<u8>> {
    let first = shown.first().map(|shown| shown.photo).filter(|photo| photo.is_of_sequence())?;
    let size = first.picture.grid();
    if shown.len() < 2 || shown.iter().any(|shown| shown.photo.picture.grid() != size) {
        return None;
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size.width as u32, size.height as u32);
    encoder.set_color(if size.channels == 1 { ColorType::Grayscale } else { ColorType::Rgb });
    encoder.set_depth(BitDepth::Eight);
    let whole = "pictures of one size, as many as said";
    encoder.set_animated(shown.len() as u32, 0).expect(whole);
    encoder.set_frame_delay(first.interval_ms, 1000).expect(whole);
    let mut writer = encoder.write_header().expect(whole);
    for Shown { photo, .. } in shown {
        let shape = [size.channels, size.height, size.width];
        writer.write_image_data(&interleaved(shape, &photo.picture.pixels)).expect(whole);
    }
    writer.finish().expect(whole);
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_photo::Picture;

    fn photo(id: u16, interval_ms: u16) -> Photo {
        let picture = Picture { width: 2, height: 1, channels: 1, pixels: vec![f32::from(id) / 10.0, 0.5] };
        Photo { id, frames: (1, 1), symbols_db: None, picture, interval_ms }
    }

    #[test]
    fn lost_pictures_show_the_one_before() {
        let ids = |photos: Vec<Photo>, lost: &[u16]| {
            let lost = lost.iter().map(|&id| (id, 1, 2)).collect();
            let received = Received { photos, lost, ..Received::default() };
            received.shown().iter().map(|shown| (shown.id, shown.photo.id)).collect::<Vec<_>>()
        };
        let sequence = || vec![photo(3, 100), photo(4, 100), photo(7, 100)];
        assert_eq!(ids(sequence(), &[5, 9]), [(3, 3), (4, 4), (5, 4), (6, 4), (7, 7), (8, 7), (9, 7)]);
        assert_eq!(ids(vec![photo(3, 0), photo(6, 0)], &[4]), [(3, 3), (6, 6)]);
        assert_eq!(ids(vec![photo(3, 40), photo(60_000, 40)], &[]), [(3, 3), (60_000, 60_000)]);
        assert_eq!(ids(vec![], &[4]), []);
    }

    #[test]
    fn animations_are_of_sequences() {
        let received = |interval_ms| {
            let photos = vec![photo(1, interval_ms), photo(3, interval_ms)];
            Received { photos, ..Received::default() }
        };
        let moving = received(40);
        let file = animation(&moving.shown()).expect("a sequence");
        let decoder = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
        let control = decoder.info().animation_control.expect("moving");
        assert_eq!((control.num_frames, control.num_plays), (3, 0));
        assert_eq!(decoder.info().frame_control.map(|frame| (frame.delay_num, frame.delay_den)), Some((40, 1000)));
        assert_eq!(animation(&received(0).shown()), None);
    }
}
