//! Signals that end the program: what it has begun to write goes with it.

use jscc_radio::files;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::thread;

/// Watches for them on a thread of its own.
pub fn watch() {
    let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
    // Without the watch a signal ends the program as it always does, and leaves files beside.
    let Ok(mut signals) = Signals::new(heeded) else { return };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _held = files::remove_unfinished();
            // Whoever waits for the program learns what ended it.
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Whether the program was started so that the signal does not end it, as by `nohup`.
#[cfg(target_os = "linux")]
fn is_ignored(signal: i32) -> bool {
    let status = procfs::process::Process::myself().and_then(|process| process.status());
    status.is_ok_and(|status| status.sigign & (1 << (signal - 1)) != 0)
}

#[cfg(not(target_os = "linux"))]
fn is_ignored(_signal: i32) -> bool {
    false
}
