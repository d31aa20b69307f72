//! Digits, or other small pictures, through a network.

use super::{Receive, Take};
use crate::commands::wifi::tell_warnings;
use crate::failure::Failure;
use crate::output::{Format, print_table, say, warn};
use crate::progress::Progress;
use jscc_lab::pictures::compare::{Compared, compare};
use jscc_lab::pictures::receive::receive;
use jscc_lab::pictures::received::{Draw, Passed, PictureFrame, Place, Received, Wanted};
use jscc_lab::pictures::{self, PictureCodec, keep};
use jscc_lab::report::Table;
use jscc_lab::spec::{self, FramingSpec};
use jscc_radio::kind::Kind;
use jscc_radio::{Guard, Rate};
use serde_json::json;

impl Receive {
    pub fn digits(&self, kind: Kind) -> Result<(), Failure> {
        let wanted = self.wanted()?;
        if self.take != Take::Bits && matches!(kind, Kind::Capture(_)) {
            let why = "--take symbols and --take mean need samples, and a capture holds only bits; leave it out";
            return Err(Failure::input(why));
        }
        let codec = PictureCodec::open(self.weights.as_deref())?;
        let references = pictures::read(&self.references)?;
        let mut progress = Progress::new("receiving", 0);
        let received = receive(&codec, &self.file, kind, wanted, &mut |done, total| {
            progress.set_total(total.unwrap_or(done));
            progress.set(done, "");
        });
        progress.finish();
        let received = received?;
        tell_warnings(&received.warnings);
        if received.frames.is_empty() {
            return Err(Failure::failed(self.nothing(&received, codec.k())));
        }
        let compared = compare(&received.pixels, &references);
        keep::write(&self.out, &received.pixels, &keep::beside(&compared, &references))?;
        match Format::of_flag(self.json) {
            Format::Json => self.digit_rows(&received, &compared),
            Format::Table => self.tell_digits(&received, &compared),
        }
        for loss in &received.losses {
            warn(&format!("warning: {}: {loss}", self.file.display()));
        }
        let name = self.file.display();
        warn(&format!("{name}: frames with pictures: {}, {}", received.frames.len(), told(&received.passed)));
        if received.is_full {
            warn(&format!("warning: {name}: ended at the limit of {} pictures; --limit sets another", self.limit));
        }
        Ok(())
    }

    /// Explanation for an empty result.
    fn nothing(&self, received: &Received, k: usize) -> String {
        let mut told = vec![told(&received.passed)];
        told.extend(received.losses.clone());
        if received.is_full {
            told.push(format!("a frame has more pictures than --limit {}", self.limit));
        }
        format!(
            "{}: no frame with pictures of {k} symbols ({}); `jscc wifi decode` lists what is there",
            self.file.display(),
            told.join("; ")
        )
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let refused = |error: jscc_radio::NoSuchRate| Failure::input(error.to_string());
        let rate = match (&self.mbps, self.mcs) {
            (Some(mbps), _) => Some(Rate::non_ht(mbps).map_err(refused)?),
            (None, Some(mcs)) => Some(Rate::ht(mcs, Guard::Long).map_err(refused)?),
            (None, None) => None,
        };
        Ok(Wanted {
            receive: match self.take {
                Take::Bits => spec::Receive::Bits,
                Take::Symbols => spec::Receive::Symbols,
                Take::Mean => spec::Receive::Mean,
            },
            framing: self.header.then_some(FramingSpec::Mac),
            scrambler: self.scrambler,
            rate,
            draw: if self.all { Draw::Doubtful } else { Draw::Ours },
            limit: self.limit,
        })
    }

    fn reference(&self, compared: &Compared) -> String {
        self.references[compared.reference].display().to_string()
    }

    fn digit_rows(&self, received: &Received, compared: &[Compared]) {
        for (n, (number, frame)) in of_pictures(received).enumerate() {
            let compared = compared.get(n);
            let (start, packet, time) = match frame.place {
                Place::Sample(start) => (Some(start), None, None),
                Place::Packet(number, time) => (None, Some(number), Some(time.as_secs_f64())),
            };
            let row = json!({
                "picture": n + 1,
                "file": keep::path(&self.out, n).display().to_string(),
                "frame": number,
                "place": n - frame.pictures.start + 1,
                "start": start,
                "packet": packet,
                "time_s": time,
                "rate_mbps": frame.rate.mbps(),
                "mcs": frame.rate.mcs(),
                "length": frame.length,
                "header": frame.framing == FramingSpec::Mac,
                "room": frame.form,
                "scrambler_init": frame.scrambler,
                "snr_db": frame.snr_db,
                "fcs_ok": frame.fcs_ok,
                "reference": compared.map(|compared| self.reference(compared)),
                // serde_json makes infinity null.
                "psnr_db": compared.map(|compared| compared.psnr_db),
            });
            say(&row.to_string());
        }
    }

    fn tell_digits(&self, received: &Received, compared: &[Compared]) {
        let mut headers = vec!["picture", "frame", "at", "rate", "octets", "scrambler", "SNR dB", "FCS"];
        if !compared.is_empty() {
            headers.extend(["PSNR dB", "against"]);
        }
        let row = |(n, (number, frame)): (usize, (usize, &PictureFrame))| {
            let mut row = cells(n, number, frame);
            row.extend(compared.get(n).into_iter().flat_map(|it| [format!("{:.2}", it.psnr_db), self.reference(it)]));
            row
        };
        let rows = of_pictures(received).enumerate().map(row).collect();
        print_table(&Table { headers: headers.into_iter().map(str::to_owned).collect(), rows });
        say("");
        say("  at: first sample of the frame, or number of the packet; SNR: of the preamble, or as the card says");
        if !compared.is_empty() && compared.len() != self.references.len() {
            say("  against: as there are not as many pictures as references, the reference nearest to each");
        }
        say(&format!("  {} and contact-sheet.png in {}", files(of_pictures(received).count()), self.out.display()));
    }
}

fn files(pictures: usize) -> String {
    if pictures == 1 { "picture-001.png".to_owned() } else { format!("picture-001.png to picture-{pictures:03}.png") }
}

/// For each picture the number of its frame, and the frame.
fn of_pictures(received: &Received) -> impl Iterator<Item = (usize, &PictureFrame)> {
    (1..).zip(&received.frames).flat_map(|(number, frame)| frame.pictures.clone().map(move |_| (number, frame)))
}

fn cells(n: usize, number: usize, frame: &PictureFrame) -> Vec<String> {
    let at = match frame.place {
        Place::Sample(start) => start.to_string(),
        Place::Packet(number, _) => format!("#{number}"),
    };
    let fcs = match (frame.framing, frame.fcs_ok) {
        (FramingSpec::Bare, _) => "none",
        (_, None) => "absent",
        (_, Some(true)) => "right",
        (_, Some(false)) => "wrong",
    };
    let scrambler = if frame.scrambler == 0 { "?".to_owned() } else { frame.scrambler.to_string() };
    let snr =
        frame.snr_db.map_or("?".to_owned(), |db| if db.is_finite() { format!("{db:.1}") } else { "∞".to_owned() });
    let name = format!("{:03}", n + 1);
    vec![name, number.to_string(), at, frame.rate.to_string(), frame.length.to_string(), scrambler, snr, fcs.to_owned()]
}

/// Summary of the skipped frames.
fn told(passed: &Passed) -> String {
    let Passed { foreign, unfitting, refused, lost, snapped, doubtful, stateless } = passed;
    let why: Vec<_> = refused.iter().map(|(why, n)| format!("{why}: {n}")).collect();
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
    let mut told =
        format!("of others: {foreign}, refused: {}{why}, preambles lost: {lost}", refused.values().sum::<usize>());
    for (n, what) in [
        (unfitting, "ours of an odd length: # (sent with other --weights?)"),
        (snapped, "of which the capture has less than half: #"),
        (doubtful, "of a length of ours that do not look like pictures: # (--all draws them)"),
        (stateless, "ours whose scrambler state cannot be told: # (give --scrambler, or the --weights of the sender)"),
    ] {
        if *n > 0 {
            told += ", ";
            told += &what.replace('#', &n.to_string());
        }
    }
    told
}
