//! The IDX format of the MNIST files: a magic number, the dimensions, then bytes.
//!
//! Source: "The IDX file format" on the MNIST page of LeCun, Cortes and Burges. All numbers are big-endian `u32`.

use super::{DataError, gzip};
use std::path::Path;

/// Large enough for the largest relative of MNIST (EMNIST by class, 547 MB), small enough to stop a gzip bomb.
const LIMIT: u64 = 1 << 30;

/// An array of unsigned bytes with `RANK` dimensions, the last one varying fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx<const RANK: usize> {
    /// Length of each dimension.
    pub dims: [usize; RANK],
    /// The elements, as many as the product of `dims`.
    pub bytes: Vec<u8>,
}

/// Reads the IDX file at `path`, gzip-compressed or not.
///
/// # Errors
/// One variant per fault: [`DataError::Missing`], `Read`, `Gzip`, `TooLarge`, `Magic`, `Length`.
pub fn read<const RANK: usize>(path: &Path) -> Result<Idx<RANK>, DataError> {
    parse(path, gzip::read(path, LIMIT)?)
}

/// The array in the unpacked `bytes` of the file at `path`. The header is checked against the number of bytes.
fn parse<const RANK: usize>(path: &Path, mut bytes: Vec<u8>) -> Result<Idx<RANK>, DataError> {
    let header = 4 + 4 * RANK;
    let length = |want| DataError::Length { path: path.to_path_buf(), got: bytes.len() as u64, want };
    let (words, _) = bytes.as_chunks::<4>();
    let mut words = words.iter().map(|&word| u32::from_be_bytes(word));
    let got = words.next().ok_or_else(|| length(header as u64))?;
    // 0x08 stands for unsigned bytes.
    let want = 0x0800 + RANK as u32;
    if got != want {
        return Err(DataError::Magic { path: path.to_path_buf(), got, want });
    }
    let mut dims = [0; RANK];
    for dim in &mut dims {
        *dim = words.next().ok_or_else(|| length(header as u64))? as usize;
    }
    let elements = dims.iter().fold(1u64, |product, &dim| product.saturating_mul(dim as u64));
    let want = elements.saturating_add(header as u64);
    if bytes.len() as u64 != want {
        return Err(length(want));
    }
    bytes.drain(..header);
    Ok(Idx { dims, bytes })
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Idx, parse, read};
    use crate::data::{DataError, gzip::tests::packed};
    use proptest::prelude::*;
    use std::fs;
    use std::path::Path;

    pub(in crate::data) fn write<const RANK: usize>(dims: [usize; RANK], elements: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, RANK as u8];
        bytes.extend(dims.iter().flat_map(|&dim| (dim as u32).to_be_bytes()));
        bytes.extend(elements);
        bytes
    }

    #[test]
    fn a_written_file_reads_back_packed_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small");
        let idx = Idx { dims: [2, 2, 3], bytes: (0..12).collect() };
        let plain = write(idx.dims, &idx.bytes);
        for bytes in [plain.clone(), packed(&plain)] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(read::<3>(&path).unwrap(), idx);
            assert!(matches!(read::<1>(&path), Err(DataError::Magic { got: 0x803, want: 0x801, .. })));
        }
    }

    #[test]
    fn every_prefix_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut");
        let plain = write([2, 2, 3], &[7; 12]);
        for whole in [plain.clone(), packed(&plain)] {
            for end in 0..whole.len() {
                fs::write(&path, &whole[..end]).unwrap();
                let error = read::<3>(&path).unwrap_err();
                assert!(matches!(error, DataError::Length { .. } | DataError::Gzip { .. }), "{end} bytes: {error}");
            }
        }
    }

    #[test]
    fn a_lying_header_allocates_nothing() {
        let huge = write([u32::MAX as usize; 3], &[0; 10]);
        let error = parse::<3>(Path::new("lie"), huge).unwrap_err();
        assert!(matches!(error, DataError::Length { got: 26, want: u64::MAX, .. }), "{error}");
        let longer = write([1, 2, 3], &[0; 7]);
        assert!(matches!(parse::<3>(Path::new("lie"), longer), Err(DataError::Length { got: 23, want: 22, .. })));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..64), seemly in any::<bool>()) {
            if seemly && bytes.len() >= 4 {
                bytes[..4].copy_from_slice(&[0, 0, 8, 3]);
            }
            if let Ok(idx) = parse::<3>(Path::new("any"), bytes) {
                prop_assert_eq!(idx.dims.iter().product::<usize>(), idx.bytes.len());
            }
        }

        #[test]
        fn damaged_files_never_panic(at in 0..200usize, bits in 1..=255u8) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("damaged");
            let mut bytes = packed(&write([2, 4, 8], &(0..64).collect::<Vec<u8>>()));
            let at = at % bytes.len();
            bytes[at] ^= bits;
            fs::write(&path, bytes).unwrap();
            let _ = read::<3>(&path);
        }
    }
}
