//! Zero-bordered copies of images, and memory on cache-line borders.

const LINE: usize = 16;

/// Floats that start on a cache line, so that no vector load straddles two.
pub(super) struct Aligned {
    values: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    pub(super) fn zeros(len: usize) -> Self {
        let values = vec![0.0; len + LINE];
        let start = values.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
        Self { values, start, len }
    }

    pub(super) fn as_slice(&self) -> &[f32] {
        &self.values[self.start..self.start + self.len]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.values[self.start..self.start + self.len]
    }
}

/// Some images with zeros around them, `[image][row][column][pitch]` with the first `maps` of `pitch` in use.
pub(super) struct Canvas {
    values: Aligned,
    /// Height and width, border included.
    pub(super) size: [usize; 2],
    /// Where the image begins.
    lead: [usize; 2],
    /// Height and width of the image itself.
    inner: [usize; 2],
    maps: usize,
    /// Floats from one position to the next.
    pub(super) pitch: usize,
}

impl Canvas {
    pub(super) fn new(
        images: usize,
        size: [usize; 2],
        lead: [usize; 2],
        inner: [usize; 2],
        maps: usize,
        pitch: usize,
    ) -> Self {
        Self { values: Aligned::zeros(images * size[0] * size[1] * pitch), size, lead, inner, maps, pitch }
    }

    pub(super) fn values(&self) -> &[f32] {
        self.values.as_slice()
    }

    /// Floats from one row to the next.
    pub(super) fn row_pitch(&self) -> usize {
        self.size[1] * self.pitch
    }

    /// Floats from one image to the next.
    pub(super) fn image_pitch(&self) -> usize {
        self.size[0] * self.row_pitch()
    }

    /// Which of `taps` positions from `start` on lie in the image rather than on its border.
    pub(super) fn inside(&self, axis: usize, start: usize, taps: usize) -> (usize, usize) {
        let (lead, end) = (self.lead[axis], self.lead[axis] + self.inner[axis]);
        (lead.saturating_sub(start), end.saturating_sub(start).min(taps))
    }

    /// Replaces the first images, leaving the border zero.
    pub(super) fn fill(&mut self, images: &[f32]) {
        let image_len = self.inner[0] * self.inner[1] * self.maps;
        let columns = self.inner[1].min(self.size[1].saturating_sub(self.lead[1]));
        let (image_pitch, row_pitch, pitch, maps) = (self.image_pitch(), self.row_pitch(), self.pitch, self.maps);
        for (image, canvas) in
            images.chunks_exact(image_len).zip(self.values.as_mut_slice().chunks_exact_mut(image_pitch))
        {
            let rows = canvas.chunks_exact_mut(row_pitch).skip(self.lead[0]);
            for (row, out) in image.chunks_exact(self.inner[1] * maps).zip(rows) {
                if columns == 0 {
                    continue;
                }
                let out = &mut out[self.lead[1] * pitch..];
                if pitch == maps {
                    out[..columns * maps].copy_from_slice(&row[..columns * maps]);
                } else {
                    spread(&row[..columns * maps], maps, out, pitch);
                }
            }
        }
    }
}

fn spread(from: &[f32], maps: usize, to: &mut [f32], pitch: usize) {
    for (from, to) in from.chunks_exact(maps).zip(to.chunks_mut(pitch)) {
        to[..maps].copy_from_slice(from);
    }
}

/// How many images fit a canvas that stays in the second-level cache; a multiple of `tile` where possible.
pub(super) fn images_at_once(n: usize, floats: usize, tile: usize) -> usize {
    const CACHE: usize = 64 * 1024;
    let fit = (CACHE / floats.max(1)).clamp(1, n.max(1));
    if fit > tile { fit / tile * tile } else { fit }
}
