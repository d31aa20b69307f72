//! Files whose content is known before they are read, by size and checksum.

use super::DataError;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedFile {
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// Its checksum.
    pub sum: Sum,
}

/// A published checksum in hexadecimal, of the kind that its publisher chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// SHA-256.
    Sha256(&'static str),
    /// MD5: it finds damage, and stops nobody who forges a file.
    Md5(&'static str),
}

impl Sum {
    /// Name of its algorithm.
    pub fn algorithm(self) -> &'static str {
        match self {
            Self::Sha256(_) => "SHA-256",
            Self::Md5(_) => "MD5",
        }
    }

    /// Its digits.
    pub fn hex(self) -> &'static str {
        match self {
            Self::Sha256(hex) | Self::Md5(hex) => hex,
        }
    }

    /// The checksum of `bytes` by the same algorithm.
    pub(super) fn of(self, bytes: impl Read) -> io::Result<String> {
        match self {
            Self::Sha256(_) => digest::<Sha256>(bytes),
            Self::Md5(_) => digest::<Md5>(bytes),
        }
    }
}

fn digest<D: Digest>(mut bytes: impl Read) -> io::Result<String> {
    let (mut state, mut chunk) = (D::new(), vec![0; 1 << 16]);
    loop {
        match bytes.read(&mut chunk)? {
            0 => break,
            came => state.update(&chunk[..came]),
        }
    }
    let mut hex = String::new();
    for byte in state.finalize() {
        write!(hex, "{byte:02x}").expect("a string takes all that is written");
    }
    Ok(hex)
}

impl PinnedFile {
    /// Checks that `bytes`, the content of `path`, are the published ones.
    ///
    /// # Errors
    /// [`DataError::Length`] or [`DataError::Checksum`].
    pub fn check(&self, path: &Path, bytes: &[u8]) -> Result<(), DataError> {
        if bytes.len() as u64 != self.size {
            return Err(DataError::Length { path: path.into(), got: bytes.len() as u64, want: self.size });
        }
        let got = self.sum.of(bytes).map_err(|reason| DataError::read(path, reason))?;
        if got != self.sum.hex() {
            return Err(DataError::Checksum { path: path.into(), got, want: self.sum });
        }
        Ok(())
    }

    /// Whether the file at `path` is the published one.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let same = |file: File| Ok(file.metadata()?.len() == self.size && self.sum.of(file)? == self.sum.hex());
        File::open(path).and_then(same).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn checksums_are_those_of_the_standards() {
        let md5 = Sum::Md5("").of(&b"abc"[..]).unwrap();
        assert_eq!(md5, "900150983cd24fb0d6963f7d28e17f72", "RFC 1321, appendix A.5");
        let sha256 = Sum::Sha256("").of(&b"abc"[..]).unwrap();
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180-2, B.1");
    }
}
