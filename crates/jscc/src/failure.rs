//! Failures of a command: one line, and the exit code for scripts.

use std::io::Write;
use std::process::ExitCode;

/// A command's failure.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The user's input or usage is at fault: exit code 2.
    pub fn input(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// Something else failed, such as disk or network: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// Prints the line and returns the exit code.
    pub fn report(&self) -> ExitCode {
        // Always one line, even if a decoder's message or a file name contains control characters.
        let line: String = self.message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // If even the error stream is broken, the exit code remains.
        let _ = writeln!(std::io::stderr(), "error: {line}");
        ExitCode::from(self.code)
    }
}

impl From<jscc_lab::Error> for Failure {
    fn from(error: jscc_lab::Error) -> Self {
        if error.is_input() { Self::input(error.to_string()) } else { Self::failed(error.to_string()) }
    }
}

impl From<jscc_lab::pictures::PictureError> for Failure {
    fn from(error: jscc_lab::pictures::PictureError) -> Self {
        if error.is_input() { Self::input(error.to_string()) } else { Self::failed(error.to_string()) }
    }
}

impl From<jscc_lab::photos::PhotoError> for Failure {
    fn from(error: jscc_lab::photos::PhotoError) -> Self {
        if error.is_input() { Self::input(error.to_string()) } else { Self::failed(error.to_string()) }
    }
}

impl From<jscc_lab::imitate::ImitateError> for Failure {
    fn from(error: jscc_lab::imitate::ImitateError) -> Self {
        if error.is_input() { Self::input(error.to_string()) } else { Self::failed(error.to_string()) }
    }
}
