//! Progress with time left: a bar on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Time between plain lines.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

/// Progress of one command, on the error stream.
pub struct Progress {
    bar: ProgressBar,
    plain: bool,
    last_line: Instant,
}

impl Progress {
    /// Progress over `total` units of `what`.
    pub fn new(what: &str, total: u64) -> Self {
        let plain = !std::io::stderr().is_terminal();
        let target = if plain { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{prefix} {bar:32} {percent:>3} %  {eta} left  {msg}");
        let bar = ProgressBar::with_draw_target(Some(total), target)
            .with_style(style.expect("the template is valid"))
            .with_prefix(what.to_owned());
        Self { bar, plain, last_line: Instant::now() }
    }

    /// Sets the number of units done and a message.
    pub fn set(&mut self, done: u64, message: &str) {
        self.bar.set_position(done);
        self.bar.set_message(message.to_owned());
        if self.plain && self.last_line.elapsed() >= PLAIN_EVERY {
            self.last_line = Instant::now();
            let percent = 100 * done / self.bar.length().unwrap_or(1).max(1);
            let left = self.bar.eta().as_secs();
            // Unreadable progress is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{}: {percent} %, {left} s left  {message}", self.bar.prefix());
        }
    }

    /// Corrects the total.
    pub fn set_total(&self, total: u64) {
        self.bar.set_length(total);
    }

    /// Sets the units done before this command began, which are excluded from the estimate of time left.
    pub fn start_at(&mut self, done: u64) {
        self.bar.set_position(done);
        self.bar.reset_eta();
    }

    /// Prints above the bar.
    pub fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Removes the bar.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
