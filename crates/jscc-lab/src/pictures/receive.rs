//! Reception of pictures from recordings and captures.

use super::gather::Gathering;
use super::received::{Received, Wanted};
use super::{PictureCodec, PictureError};
use jscc_radio::kind::Kind;
use std::path::Path;

/// Receives the pictures in the file at `path`, opened before. `progress` receives the samples done and the total.
///
/// # Errors
/// [`PictureError::Radio`], also for a capture without a readable packet, and `Frame` for the scrambler state.
pub fn receive(
    codec: &PictureCodec,
    path: &Path,
    kind: Kind,
    wanted: Wanted,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Received, PictureError> {
    let mut gathering = Gathering::new(codec, wanted)?;
    let (mut losses, mut warnings) = (Vec::new(), Vec::new());
    match kind {
        Kind::Capture(reader) => losses = gathering.capture(path, reader)?,
        Kind::Recording(source) => warnings = gathering.recording(*source, progress)?,
    }
    Ok(Received { warnings, ..gathering.finish(losses) })
}
