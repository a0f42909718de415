//! `como`: builds COMO's middleware on AWS, or rehearses it on this machine.
//!
//! Invariants: a command parses, calls one engine function, renders one value; results go to standard output, everything
//! else to standard error; this crate alone knows the terminal.

mod archive;
mod args;
mod commands;
mod costing;
mod environment;
mod exit;
mod functions;
mod host;
mod local;
mod output;
mod regions;
mod rehearsal;
mod render;
mod seeds;
mod steps;
mod target;

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A third of a synthesis was spent in the C library's allocator: templates are trees of small texts.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let args = match args::Como::try_parse() {
        Ok(args) => args,
        Err(usage) => return output::usage(&usage),
    };
    let screen = output::Screen::new(&args.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen.failure(&exit::Failure::failed(anyhow::Error::new(error).context("cannot start the runtime")));
            return exit::Exit::Failed.into();
        }
    };
    let outcome = runtime.block_on(commands::run(args, &screen));
    // A blocking read of the terminal must not hold up the end.
    runtime.shutdown_background();
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            screen.failure(&failure);
            failure.exit.into()
        }
    }
}
