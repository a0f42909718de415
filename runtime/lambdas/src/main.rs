//! `bootstrap`: what Lambda starts.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Ok(como_lambdas::run().await?)
}
