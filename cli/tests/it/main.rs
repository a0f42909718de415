//! `como` as its users run it: the real binary, a rehearsal cloud of its own for each test.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod adoption;
mod bad_files;
mod cost;
mod costs_kept;
mod costs_written;
mod deploy;
mod functions;
mod killing;
mod local;
mod offline;
mod resume;
mod screen;
mod support;
mod wire;
