//! Files of rivals: what `bench/photo_rivals.py` made of photographs, and the frames that carry them.

use crate::Error;
use crate::input;
use jscc_phy::emulation::layout::N_MAC_HEADER;
use jscc_phy::wifi::fcs::N_FCS;
use jscc_phy::wifi::{Mcs, N_SERVICE, N_TAIL, Ppdu};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Octets of a frame beside those of a file.
pub const AROUND: usize = N_MAC_HEADER + N_FCS;

/// A photograph in a file that fits.
#[derive(Debug, Clone, Deserialize)]
pub struct File {
    photograph: String,
    codec: String,
    rate: u32,
    octets: usize,
    /// PSNR in dB of what it decodes to; `None` if no file is so small.
    pub psnr_db: Option<f64>,
    /// Its MS-SSIM.
    pub ms_ssim: Option<f64>,
}

/// Files by photograph, codec and rate.
#[derive(Debug)]
pub struct Files {
    path: PathBuf,
    files: BTreeMap<(String, String, u32), File>,
}

impl Files {
    /// Reads the rows of `bench/photo_rivals.py`.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let read = |reason| Error::Read { path: path.into(), reason };
        let text = input::text(path).map_err(read)?;
        let parse = |line: &str| serde_json::from_str::<File>(line).map_err(|error| read(std::io::Error::other(error)));
        let files = text.lines().map(parse).collect::<Result<Vec<_>, _>>()?;
        let key = |file: &File| (file.photograph.clone(), file.codec.clone(), file.rate);
        Ok(Self { path: path.into(), files: files.into_iter().map(|file| (key(&file), file)).collect() })
    }

    /// The file of a photograph that fits into this many octets at a rate; why there is none.
    pub fn find(&self, photograph: &str, codec: &str, rate: u32, octets: usize) -> Result<&File, String> {
        let file = self.files.get(&(photograph.to_owned(), codec.to_owned(), rate));
        let path = self.path.display();
        match file {
            None => Err(format!(
                "{path} has no {photograph} by {codec} at {rate} Mb/s; run bench/photo_rivals.py on this folder"
            )),
            // Parity frames leave fewer octets, never more.
            Some(file) if file.octets > octets => Err(format!(
                "{path}: {photograph} at {rate} Mb/s has {} octets, and {octets} fit; run bench/photo_rivals.py again",
                file.octets
            )),
            Some(file) => Ok(file),
        }
    }
}

/// The rate of this many Mb/s.
///
/// # Panics
/// If there is none.
pub fn mcs(rate: u32) -> Mcs {
    *Mcs::NON_HT.iter().find(|mcs| mcs.to_string() == rate.to_string()).expect("a rate of 802.11a")
}

/// Octets of the PSDUs that fill this many OFDM symbols, preambles included, none longer than `mtu`.
pub fn of_octets(rate: u32, symbols: usize, mtu: usize) -> Vec<usize> {
    let mcs = mcs(rate);
    let (n_dbps, preamble) = (mcs.n_dbps(), Ppdu::long_guard(mcs, 1).n_header() / 80);
    let most = (8 * mtu + N_SERVICE + N_TAIL) / n_dbps;
    let count = symbols.div_ceil(preamble + most).max(1);
    let n_sym = |n: usize| (symbols / count + usize::from(n < symbols % count)).saturating_sub(preamble);
    let octets = |n: usize| ((n_sym(n) * n_dbps).saturating_sub(N_SERVICE + N_TAIL) / 8).min(mtu);
    (0..count).map(octets).filter(|&octets| octets > AROUND).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_fill_the_time() {
        for rate in [6, 12, 24, 54] {
            let lengths = of_octets(rate, 2048, 1500);
            let symbols: usize = lengths.iter().map(|&octets| 5 + mcs(rate).n_sym(octets)).sum();
            assert_eq!(symbols, 2048, "{rate}");
            assert!(lengths.iter().all(|&octets| octets <= 1500 && octets > 1200), "{rate}: {lengths:?}");
        }
        // As bench/photo_rivals.py has it.
        assert_eq!(of_octets(6, 2048, 1500).iter().map(|octets| octets - AROUND).sum::<usize>(), 5914);
        assert_eq!(of_octets(12, 2048, 1500).iter().map(|octets| octets - AROUND).sum::<usize>(), 11_739);
    }
}
