//! One command, one file: its `Args` and its `run`.

pub(crate) mod cost;
pub(crate) mod deploy;
pub(crate) mod destroy;
pub(crate) mod diagram;
pub(crate) mod fault;
pub(crate) mod init;
pub(crate) mod rehearsal;
pub(crate) mod status;
pub(crate) mod synth;
pub(crate) mod task;
pub(crate) mod validate;

use crate::args::{Command, Como};
use crate::exit::Outcome;
use crate::output::Screen;

pub(crate) async fn run(como: Como, screen: &Screen) -> Outcome {
    let global = &como.global;
    match como.command {
        Command::Init(args) => init::run(&args, global, screen),
        Command::Validate(args) => validate::run(&args, global, screen),
        Command::Synth(args) => synth::run(&args, global, screen),
        Command::Diagram(args) => diagram::run(&args, global, screen),
        Command::Cost(args) => cost::run(&args, global, screen).await,
        Command::Deploy(args) => deploy::run(&args, global, screen).await,
        Command::Status(args) => status::run(&args, global, screen).await,
        Command::Destroy(args) => destroy::run(&args, global, screen).await,
        Command::Rehearsal(args) => rehearsal::run(args, global, screen).await,
        Command::Task(args) => task::run(args).await,
    }
}
