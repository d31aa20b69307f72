//! A recording in one file: a tar archive of the description and the samples.

use super::SigmfError;
use crate::RadioError;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::Path;

/// The description in the archive at `path`, the archive positioned at the samples, the available bytes of samples, and
/// the number of missing ones.
pub(super) fn open(path: &Path) -> Result<(Vec<u8>, BufReader<File>, u64, u64), RadioError> {
    let mut file = BufReader::new(File::open(path).map_err(RadioError::read(path))?);
    let (meta, start, length) = scan(&mut file).map_err(RadioError::sigmf(path))?;
    let end = file.seek(SeekFrom::End(0)).map_err(RadioError::read(path))?;
    file.seek(SeekFrom::Start(start)).map_err(RadioError::read(path))?;
    let there = end.saturating_sub(start).min(length);
    Ok((meta, file, there, length - there))
}

/// The description's bytes, and offset and length of the samples.
fn scan(file: &mut BufReader<File>) -> Result<(Vec<u8>, u64, u64), SigmfError> {
    let (mut metas, mut datas) = (Vec::new(), Vec::new());
    let mut archive = tar::Archive::new(file);
    for entry in archive.entries_with_seek().map_err(SigmfError::Tar)? {
        let mut entry = entry.map_err(SigmfError::Tar)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path_bytes().into_owned();
        if name.ends_with(b".sigmf-meta") && metas.is_empty() {
            metas.push(super::document::read_meta(&mut entry).map_err(SigmfError::Tar)?);
        } else if name.ends_with(b".sigmf-meta") {
            metas.push(Vec::new());
        } else if name.ends_with(b".sigmf-data") {
            datas.push((entry.raw_file_position(), entry.size()));
        }
    }
    match (metas.pop(), &datas[..]) {
        (Some(meta), &[(start, length)]) if metas.is_empty() => Ok((meta, start, length)),
        (meta, _) => Err(SigmfError::Archive { metas: metas.len() + usize::from(meta.is_some()), datas: datas.len() }),
    }
}
