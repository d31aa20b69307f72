//! A stream with look-ahead, for formats whose parts state their own length.

use std::io::{self, ErrorKind, Read};

/// Bytes requested at a time. A pipe returns the available ones, so that packets are seen as they arrive.
const CHUNK: usize = 64 << 10;

pub(super) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    /// Start of the bytes ahead.
    start: usize,
    /// End of the bytes ahead.
    end: usize,
    is_over: bool,
}

impl<R: Read> Window<R> {
    pub fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), start: 0, end: 0, is_over: false }
    }

    /// The buffered bytes ahead.
    pub fn ahead(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Reads until `n` bytes are ahead, or the end; returns whether they are.
    pub fn has(&mut self, n: usize) -> io::Result<bool> {
        while self.ahead().len() < n && !self.is_over {
            self.make_room();
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.is_over = true,
                Ok(got) => self.end += got,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_over = true;
                    return Err(error);
                }
            }
        }
        Ok(self.ahead().len() >= n)
    }

    /// `N` bytes from `at` on, if available.
    pub fn at<const N: usize>(&mut self, at: usize) -> io::Result<Option<[u8; N]>> {
        Ok(if self.has(at + N)? { self.ahead()[at..].first_chunk().copied() } else { None })
    }

    /// Skips the next `n` bytes, which are buffered.
    pub fn skip(&mut self, n: usize) {
        self.start += n;
        assert!(self.start <= self.end, "{n} bytes are skipped, {} are ahead", self.end + n - self.start);
    }

    /// Skips the next `n` bytes without keeping them; returns whether there were as many.
    pub fn pass(&mut self, mut n: u64) -> io::Result<bool> {
        while n > 0 && self.has(1)? {
            let part = self.ahead().len().min(usize::try_from(n).unwrap_or(usize::MAX));
            self.skip(part);
            n -= part as u64;
        }
        Ok(n == 0)
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.buffer.len() < self.end + CHUNK {
            self.buffer.resize(self.end + CHUNK, 0);
        }
    }
}

/// Reads the bytes ahead, and all that follow.
impl<R: Read> Read for Window<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.has(1)?;
        let n = self.ahead().len().min(to.len());
        to[..n].copy_from_slice(&self.ahead()[..n]);
        self.skip(n);
        Ok(n)
    }
}
