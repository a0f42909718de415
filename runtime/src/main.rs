//! The thin binary of the image: one task of one service.

use clap::Parser;
use como_runtime::arguments::ServeArgs;
use como_runtime::serve::serve;

#[derive(Parser)]
#[command(name = "como-runtime", version, about = "Serves one microservice of the COMO middleware")]
enum Command {
    /// Serve one service until told to stop
    Serve(ServeArgs),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Serve(args) => Ok(serve(args).await?),
    }
}
