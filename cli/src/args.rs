//! The command line.

use crate::commands;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Builds COMO's middleware on AWS, or rehearses it on this machine.
#[derive(Debug, Parser)]
#[command(name = "como", version, styles = STYLES, arg_required_else_help = true, after_help = AFTER_HELP)]
pub(crate) struct Como {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 done or nothing to do · 1 failed · 3 refused, nothing was changed · \
4 stuck, needs an operator · 6 over budget · 64 usage · 75 somebody else is at work · 130 detached";

#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// How results are written to standard output
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// When to use colour; `NO_COLOR` is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// The folder of the environment files, instead of the nearest `environments`
    #[arg(long, global = true, env = "COMO_ENVIRONMENTS", value_name = "DIR")]
    pub(crate) environments: Option<PathBuf>,
    /// Where a rehearsal keeps its lock, log and state
    #[arg(long, global = true, env = "COMO_REHEARSAL_DIR", value_name = "DIR", default_value = ".como/rehearsal")]
    pub(crate) rehearsal_dir: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// Which cloud a command talks to.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// Use the rehearsal cloud on this machine instead of AWS; it is started when needed
    #[arg(long)]
    pub(crate) rehearse: bool,
    /// How many simulated seconds pass in a second of rehearsed waiting
    #[arg(long, requires = "rehearse", value_name = "FACTOR")]
    pub(crate) speed: Option<f64>,
    /// A profile of the AWS configuration
    #[arg(long, conflicts_with = "rehearse", value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(commands::init::Args),
    Validate(commands::validate::Args),
    Synth(commands::synth::Args),
    Diagram(commands::diagram::Args),
    Cost(commands::cost::Args),
    Deploy(commands::deploy::Args),
    Status(commands::status::Args),
    Destroy(commands::destroy::Args),
    Rehearsal(commands::rehearsal::Args),
    /// What the rehearsal cloud runs in place of an image
    #[command(hide = true)]
    Task(commands::task::Args),
}
