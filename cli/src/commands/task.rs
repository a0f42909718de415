//! `como task`: what the rehearsal cloud runs in place of an image. Hidden, since only the supervisor starts it.

use crate::exit::{Exit, Outcome};
use anyhow::Context;
use como_contract::task::EXIT_WITH_STDIN_VARIABLE;
use como_doubles::serve::Listeners;
use std::net::SocketAddr;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// What the rehearsal cloud runs in place of an image
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    program: Program,
}

#[derive(Debug, clap::Subcommand)]
enum Program {
    /// Serve one service, as the image does
    Serve(Box<como_runtime::arguments::ServeArgs>),
    /// Answer invocations of one function, as its archive does
    Function,
    /// Play the partners
    Doubles {
        #[arg(long, value_name = "ADDRESS")]
        memberson: SocketAddr,
        #[arg(long, value_name = "ADDRESS")]
        sevenrooms: SocketAddr,
        #[arg(long, value_name = "ADDRESS")]
        stripe: Option<SocketAddr>,
    },
}

pub(crate) async fn run(args: Args) -> Outcome {
    match args.program {
        Program::Serve(args) => como_runtime::serve::serve(*args).await.context("the service ended")?,
        Program::Function => como_lambdas::run().await.context("the function ended")?,
        Program::Doubles { memberson, sevenrooms, stripe } => {
            let stripe = match stripe {
                Some(address) => Some(TcpListener::bind(address).await.context("cannot bind Stripe's double")?),
                None => None,
            };
            let listeners = Listeners {
                memberson: TcpListener::bind(memberson).await.context("cannot bind Memberson's double")?,
                sevenrooms: TcpListener::bind(sevenrooms).await.context("cannot bind SevenRooms' double")?,
                stripe,
            };
            tokio::select! {
                served = como_doubles::serve::serve(listeners) => served.context("the partners' doubles ended")?,
                () = supervisor_gone() => {}
            }
        }
    }
    Ok(Exit::Done)
}

/// Returns when standard input ends, where whoever started us asked for that.
async fn supervisor_gone() {
    if std::env::var_os(EXIT_WITH_STDIN_VARIABLE).is_none_or(|value| value != "1") {
        std::future::pending::<()>().await;
    }
    let mut buffer = [0; 64];
    let mut stdin = tokio::io::stdin();
    while stdin.read(&mut buffer).await.is_ok_and(|read| 0 < read) {}
}
