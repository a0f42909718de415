//! When to stop.

use std::io::Read;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// Cancelled by SIGTERM, SIGINT or, if asked for, the end of standard input.
///
/// A process that is PID 1 of its container has no default handlers, so this is the only thing that ends it.
///
/// # Errors
/// When the signal handlers cannot be installed.
pub fn requested(exit_with_stdin: bool) -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let by_signal = stop.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        info!(shutdown.cause = name, "stopping because of {name}");
        by_signal.cancel();
    });
    if exit_with_stdin {
        cancel_at_end_of_stdin(stop.clone());
    }
    Ok(stop)
}

/// A thread of its own: tokio's stdin would keep the runtime from ending.
fn cancel_at_end_of_stdin(stop: CancellationToken) {
    thread::spawn(move || {
        let mut buffer = [0_u8; 256];
        let mut stdin = std::io::stdin().lock();
        while let Ok(1..) = stdin.read(&mut buffer) {}
        info!(shutdown.cause = "stdin", "stopping because standard input ended");
        stop.cancel();
    });
}
