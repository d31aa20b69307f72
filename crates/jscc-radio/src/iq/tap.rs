//! A reader that hashes and keeps its bytes on request.

use crate::hex;
use sha2::{Digest, Sha512};
use std::io::{self, Read};
use std::mem;

/// Passes on the bytes that it reads.
#[derive(Debug)]
pub struct Tap<R> {
    inner: R,
    sha512: Option<Sha512>,
    kept: Option<Vec<u8>>,
}

impl<R: Read> Tap<R> {
    /// Wraps `inner`, of which nothing has been read.
    pub fn new(inner: R) -> Self {
        Self { inner, sha512: None, kept: None }
    }

    /// Hashes all bytes from now on.
    pub(crate) fn hash(&mut self) {
        self.sha512 = Some(Sha512::new());
    }

    /// Keeps all bytes from now on, until they are taken.
    pub(crate) fn keep(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// The bytes kept since the last call.
    pub(crate) fn take_kept(&mut self) -> Vec<u8> {
        self.kept.as_mut().map(mem::take).unwrap_or_default()
    }

    /// SHA-512 in hexadecimal of all bytes, after reading the rest; `None` without hashing.
    pub(crate) fn finish_hash(&mut self) -> io::Result<Option<String>> {
        if self.sha512.is_none() {
            return Ok(None);
        }
        io::copy(self, &mut io::sink())?;
        Ok(self.sha512.take().map(|sha512| hex::encode(&sha512.finalize())))
    }
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(bytes)?;
        if let Some(sha512) = &mut self.sha512 {
            sha512.update(&bytes[..got]);
        }
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(&bytes[..got]);
        }
        Ok(got)
    }
}
