//! Gzip-compressed captures.

use super::window::Window;
use flate2::write::MultiGzDecoder;
use std::io::{self, Read, Write};

/// Decompresses up to the end or to damage; unlike a read-based decoder, it delivers all bytes before the damage, in
/// whatever pieces the input arrives.
pub(super) struct Unpacked<R> {
    packed: Window<R>,
    decoder: MultiGzDecoder<Vec<u8>>,
    /// Bytes already read of those decompressed last.
    given: usize,
    is_over: bool,
    error: Option<io::Error>,
}

impl<R: Read> Unpacked<R> {
    pub fn new(packed: Window<R>) -> Self {
        Self { packed, decoder: MultiGzDecoder::new(Vec::new()), given: 0, is_over: false, error: None }
    }

    fn unpack(&mut self) {
        self.decoder.get_mut().clear();
        self.given = 0;
        if let Err(error) = self.step() {
            (self.is_over, self.error) = (true, Some(error));
            // Delivers the bytes before the damage; the damage itself is known.
            let _ = self.decoder.try_finish();
        }
    }

    fn step(&mut self) -> io::Result<()> {
        if self.packed.has(1)? {
            let taken = self.decoder.write(self.packed.ahead())?;
            self.packed.skip(taken);
            return self.decoder.flush();
        }
        self.is_over = true;
        self.decoder.try_finish()
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoder.get_ref().len() && !self.is_over {
            self.unpack();
        }
        let left = &self.decoder.get_ref()[self.given..];
        if left.is_empty() {
            return self.error.take().map_or(Ok(0), Err);
        }
        let n = left.len().min(to.len());
        to[..n].copy_from_slice(&left[..n]);
        self.given += n;
        Ok(n)
    }
}
