//! Photographs, which sharpen as their frames arrive.

use super::Receive;
use crate::commands::wifi::tell_warnings;
use crate::failure::Failure;
use crate::output::{Format, print_table, say, warn};
use crate::progress::Progress;
use jscc_lab::photos::keep::{self, Keeper};
use jscc_lab::photos::receive::{Photo, Watcher, receive};
use jscc_lab::photos::sequence::Shown;
use jscc_lab::photos::{self, Likeness, PhotoError};
use jscc_lab::report::Table;
use jscc_lab::spec::Decoder;
use jscc_radio::kind::Kind;
use serde_json::json;

/// The sender's scrambler state, unless said otherwise.
const SCRAMBLER: u32 = 93;

/// Writes photographs while their frames arrive.
struct Watching {
    progress: Progress,
    keeper: Keeper,
}

impl Watcher for Watching {
    fn progress(&mut self, done: u64, total: Option<u64>) {
        self.progress.set_total(total.unwrap_or(done));
        self.progress.set(done, "");
    }

    fn sharper(&mut self, id: u16, draw: &dyn Fn() -> Photo) -> Result<(), PhotoError> {
        self.keeper.sharper(id, draw)
    }

    fn complete(&mut self, photo: &Photo) -> Result<(), PhotoError> {
        self.keeper.complete(photo)
    }
}

impl Receive {
    /// Receives photographs; returns whether there were any. `is_asked`: it is an error if not.
    pub fn photos(&self, kind: Kind, is_asked: bool) -> Result<bool, Failure> {
        let references = self.references.iter().map(|path| photos::read(path)).collect::<Result<Vec<_>, _>>();
        // A file of digits may have references that are none of ours.
        let references = if is_asked { references? } else { references.unwrap_or_default() };
        let mut watching = Watching { progress: Progress::new("receiving", 0), keeper: Keeper::new(&self.out) };
        let decoder = match self.decoder {
            super::Decoder::Network => Decoder::Network,
            super::Decoder::Closed => Decoder::Closed,
        };
        let received = receive(&self.file, kind, self.scrambler.unwrap_or(SCRAMBLER), decoder, &mut watching);
        let Watching { progress, keeper } = watching;
        progress.finish();
        let received = received?;
        if !received.is_any() && !is_asked {
            return Ok(false);
        }
        tell_warnings(&received.warnings);
        let name = self.file.display();
        for loss in &received.losses {
            warn(&format!("warning: {name}: {loss}"));
        }
        for (id, got, needed) in &received.lost {
            warn(&format!(
                "warning: {name}: photograph {id} is lost: {got} of the {needed} frames arrived that its base takes"
            ));
        }
        if received.photos.is_empty() {
            let why = format!(
                "{name}: no photograph (frames of others: {}); `jscc wifi decode` lists what is there",
                received.others
            );
            return Err(Failure::failed(why));
        }
        let shown = received.shown();
        let likeness = Likeness::of(&shown, &references);
        keeper.finish(&shown)?;
        match Format::of_flag(self.json) {
            Format::Json => self.photo_rows(&shown, &likeness),
            Format::Table => self.tell_photos(&shown, &likeness),
        }
        warn(&format!(
            "{name}: photographs: {}, lost: {}, other frames: {}",
            received.photos.len(),
            received.lost.len(),
            received.others
        ));
        Ok(true)
    }

    fn photo_rows(&self, shown: &[Shown], likeness: &[Option<Likeness>]) {
        for (Shown { id, photo }, like) in shown.iter().zip(likeness) {
            let row = json!({
                "codec": "photo",
                "number": id,
                // The number of the picture that is shown: in a sequence, where one is lost, the one before.
                "shows": photo.id,
                "file": keep::path(&self.out, *id).display().to_string(),
                "width": photo.picture.width,
                "height": photo.picture.height,
                "channels": photo.picture.channels,
                "detail_frames": photo.frames.0,
                "detail_frames_sent": photo.frames.1,
                "symbols_snr_db": photo.symbols_db,
                "reference": like.as_ref().map(|like| self.references[like.reference].display().to_string()),
                // serde_json makes infinity null.
                "psnr_db": like.as_ref().map(|like| like.psnr_db),
            });
            say(&row.to_string());
        }
    }

    fn tell_photos(&self, shown: &[Shown], likeness: &[Option<Likeness>]) {
        let mut headers = vec!["photograph", "pixels", "detail frames", "symbols' SNR dB"];
        let has_references = likeness.iter().any(Option::is_some);
        if has_references {
            headers.extend(["PSNR dB", "against"]);
        }
        let row = |(shown, like): (&Shown, &Option<Likeness>)| {
            let photo = shown.photo;
            let mut row = vec![
                if shown.is_held() {
                    format!("{:03} lost, shows {:03}", shown.id, photo.id)
                } else {
                    format!("{:03}", photo.id)
                },
                format!("{}x{}", photo.picture.width, photo.picture.height),
                format!("{} of {}", photo.frames.0, photo.frames.1),
                photo.symbols_db.map_or("–".to_owned(), |db| format!("{db:.1}")),
            ];
            if has_references {
                let told = like.as_ref().map(|like| {
                    [format!("{:.2}", like.psnr_db), self.references[like.reference].display().to_string()]
                });
                row.extend(told.unwrap_or(["–".to_owned(), "–".to_owned()]));
            }
            row
        };
        let rows = shown.iter().zip(likeness).map(row).collect();
        print_table(&Table { headers: headers.into_iter().map(str::to_owned).collect(), rows });
        say("");
        say(&format!("  photo-NNN.png in {}; damaged frames count, missing ones leave detail out", self.out.display()));
    }
}
