//! Where words go: results to standard output, everything else to standard error.

use crate::args::{Color, Global, Output};
use crate::exit::{Exit, Failure};
use crate::render::text::wrap;
use anstream::{AutoStream, ColorChoice};
use como_config::{Colour, Style};
use owo_colors::OwoColorize;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Columns and rows when nobody says how large the terminal is.
const DEFAULT_WIDTH: u16 = 80;
const DEFAULT_HEIGHT: u16 = 24;

/// Help and version are results; everything else that clap says is about wrong use.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _reader_is_gone = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}

/// The two streams of the command, with colour where it may be.
#[derive(Debug, Clone)]
pub(crate) struct Screen {
    output: Output,
    color: ColorChoice,
}

impl Screen {
    pub(crate) fn new(global: &Global) -> Self {
        let color = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        Self { output: global.output, color }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Whether a live display has somewhere to live.
    pub(crate) fn is_live(&self) -> bool {
        std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
    }

    /// Whether somebody is there to answer a question.
    pub(crate) fn can_ask() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    pub(crate) fn colors_on_stderr(&self) -> bool {
        AutoStream::new(std::io::stderr(), self.color).current_choice() != ColorChoice::Never
    }

    /// How mistakes of a file are laid out.
    pub(crate) fn mistake_style(&self) -> Style {
        let colour = if self.colors_on_stderr() { Colour::Ansi } else { Colour::Plain };
        Style { colour, width: usize::from(self.width()) }
    }

    /// Columns of the terminal.
    pub(crate) fn width(&self) -> u16 {
        console_size().map_or(DEFAULT_WIDTH, |(columns, _)| columns)
    }

    /// How wide a result may be: a file or another program has no edge.
    pub(crate) fn result_width(&self) -> usize {
        if std::io::stdout().is_terminal() { usize::from(self.width()) } else { usize::MAX }
    }

    /// Whether a result would be drawn on a terminal.
    pub(crate) fn is_result_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Rows of the terminal.
    pub(crate) fn height(&self) -> u16 {
        console_size().map_or(DEFAULT_HEIGHT, |(_, rows)| rows)
    }

    /// The command's result, to standard output. A reader that went away is no failure of ours.
    pub(crate) fn result(&self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let mut stream = AutoStream::new(std::io::stdout(), self.color);
        let _reader_is_gone = writeln!(stream, "{}", text.trim_end());
    }

    /// The command's result as it is, to standard output.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut stdout = std::io::stdout();
        let _reader_is_gone = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }

    /// The command's result as JSON, to standard output.
    pub(crate) fn json<T: Serialize>(&self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::failed(anyhow::Error::new(error).context("cannot write the result as JSON")))?;
        let mut stdout = std::io::stdout();
        let _reader_is_gone = writeln!(stdout, "{text}");
        Ok(())
    }

    /// A sentence beside the result, to standard error.
    pub(crate) fn say(&self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let wrapped;
        let text = if std::io::stderr().is_terminal() {
            wrapped = wrap(text, usize::from(self.width()));
            &wrapped
        } else {
            text
        };
        let mut stream = AutoStream::new(std::io::stderr(), self.color);
        let _reader_is_gone = writeln!(stream, "{}", text.trim_end());
    }

    /// A failure with its causes and what to do about it.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.is_json() {
            let causes: Vec<String> = failure.error.chain().skip(1).map(ToString::to_string).collect();
            let error = serde_json::json!({
                "error": failure.error.to_string(), "causes": causes, "hints": failure.hints,
                "exit_code": failure.exit as u8,
            });
            // The failure itself is the result here; a second one has nowhere to go.
            let _already_failing = self.json(&error);
        }
        let mut text = format!("{} {}\n", "error:".red().bold(), failure.error);
        for cause in failure.error.chain().skip(1) {
            text.push_str(&format!("  caused by: {cause}\n"));
        }
        for hint in &failure.hints {
            text.push_str(&format!("{} {hint}\n", "hint:".cyan().bold()));
        }
        self.say(&text);
    }
}

fn console_size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
    (0 < size.ws_col && 0 < size.ws_row).then_some((size.ws_col, size.ws_row))
}
