//! `jscc`: deep joint source-channel coding over standard Wi-Fi, from the command line.

mod commands;
mod failure;
mod http;
mod output;
mod progress;
#[cfg(unix)]
mod signals;

use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

/// The system's allocator returns large buffers at once, and training requests them again a hundred times per step:
/// clearing their pages took a quarter of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pictures over radio with graceful degradation: deep joint source-channel coding on standard Wi-Fi.
///
/// Exit codes: 0 done, 1 a failure (disk, network), 2 bad usage or input.
#[derive(Parser)]
#[command(version, after_help = "Start here:\n  jscc demo")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(commands::demo::Demo),
    Send(commands::send::Send),
    Receive(commands::receive::Receive),
    Emulate(commands::emulate::Emulate),
    Train(commands::train::Train),
    Eval(commands::eval::Eval),
    Sweep(commands::sweep::Sweep),
    Matrix(commands::matrix::Matrix),
    Per(commands::per::Per),
    Photos(commands::photos::Photos),
    Report(commands::report::Report),
    Rivals(commands::rivals::Rivals),
    Fidelity(commands::fidelity::Fidelity),
    Methods(commands::methods::Methods),
    #[command(subcommand)]
    Wifi(commands::wifi::Wifi),
    #[command(subcommand)]
    Data(commands::data::Data),
}

fn main() -> ExitCode {
    #[cfg(unix)]
    signals::watch();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) if told.use_stderr() => told.exit(),
        Err(told) => {
            let printed = told.print().and_then(|()| std::io::stdout().flush());
            std::process::exit(printed.map_or_else(|error| output::unsaid(&error), |()| 0));
        }
    };
    let done = match cli.command {
        Command::Demo(demo) => demo.run(),
        Command::Send(send) => send.run(),
        Command::Receive(receive) => receive.run(),
        Command::Emulate(emulate) => emulate.run(),
        Command::Train(train) => train.run(),
        Command::Eval(eval) => eval.run(),
        Command::Sweep(sweep) => sweep.run(),
        Command::Matrix(matrix) => matrix.run(),
        Command::Per(per) => per.run(),
        Command::Photos(photos) => photos.run(),
        Command::Report(report) => report.run(),
        Command::Rivals(rivals) => rivals.run(),
        Command::Fidelity(fidelity) => fidelity.run(),
        Command::Methods(methods) => {
            methods.run();
            Ok(())
        }
        Command::Wifi(wifi) => wifi.run(),
        Command::Data(data) => data.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
