//! Signals that end the program: unfinished files are removed first.

use jscc_radio::files;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::thread;

/// Handles the signals in a thread.
pub fn watch() {
    let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
    // Without the handler a signal ends the program as usual, and leaves temporary files.
    let Ok(mut signals) = Signals::new(heeded) else { return };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _held = files::remove_unfinished();
            // The parent process learns the signal.
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Whether the program was started with this signal ignored, as by `nohup`.
#[cfg(target_os = "linux")]
fn is_ignored(signal: i32) -> bool {
    let status = procfs::process::Process::myself().and_then(|process| process.status());
    status.is_ok_and(|status| status.sigign & (1 << (signal - 1)) != 0)
}

#[cfg(not(target_os = "linux"))]
fn is_ignored(_signal: i32) -> bool {
    false
}
