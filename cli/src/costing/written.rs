//! In which form a report is written, and where to.

use crate::exit::{Exit, Failure};
use crate::output::Screen;
use crate::render::cost as render;
use anyhow::{Context, anyhow};
use clap::ValueEnum;
use como_cost::report::Report;
use como_cost::view::By;
use std::path::{Path, PathBuf};

/// How the report is written
#[derive(Debug, clap::Args)]
pub(crate) struct Form {
    /// The form of the report; the ending of `-o FILE` says it too
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Where the report goes instead of standard output, for example `cost.html`
    #[arg(short, long = "file", value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// What amounts are added up by
    #[arg(long, value_enum, default_value_t = Grouping::Service)]
    by: Grouping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    /// Every price, line and answer, a row each
    Csv,
    /// For a pull request
    Markdown,
    /// One page with charts and everything that can be asked
    Html,
    /// A workbook whose formulas are live
    Xlsx,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Grouping {
    Service,
    Stack,
    Resource,
}

impl Format {
    /// Whether people keep it as a document, which then has everything that can be asked.
    pub(crate) const fn is_document(self) -> bool {
        matches!(self, Self::Html | Self::Xlsx)
    }

    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "txt" => Some(Self::Table),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "md" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

impl Form {
    pub(crate) fn format(&self, screen: &Screen) -> Result<Format, Failure> {
        let named = self.format.or_else(|| screen.is_json().then_some(Format::Json));
        let Some(format) = named.or_else(|| self.output_file.as_deref().and_then(Format::of)) else {
            let Some(path) = &self.output_file else { return Ok(Format::Table) };
            let error = anyhow!("{} says no format that como writes", path.display());
            let hint = "name one with `--format`, or end the file in .txt, .json, .csv, .md, .html or .xlsx";
            return Err(Failure::new(Exit::Usage, error).hint(hint));
        };
        if format.is_document() && self.output_file.is_none() && screen.is_result_terminal() {
            let error = anyhow!("a page or a workbook is nothing for a terminal");
            return Err(Failure::new(Exit::Usage, error).hint("name a file, such as `-o cost.html`"));
        }
        Ok(format)
    }

    pub(crate) fn write(&self, report: &Report, format: Format, screen: &Screen) -> Result<(), Failure> {
        let bytes = match format {
            Format::Table => {
                let width = if self.output_file.is_some() { usize::MAX } else { usize::from(screen.width()) };
                let text = format!("{}{}", render::table(report, self.by(), width), render::sections(report, width));
                if self.output_file.is_none() {
                    screen.result(&text);
                    screen.say(&render::notes(report));
                    return Ok(());
                }
                format!("{text}\n{}\n", render::notes(report)).into_bytes()
            }
            Format::Json => {
                serde_json::to_string_pretty(report).context("cannot write the report as JSON")?.into_bytes()
            }
            Format::Csv => render::csv(report).into_bytes(),
            Format::Markdown => render::markdown(report).into_bytes(),
            Format::Html => render::html(report).into_bytes(),
            Format::Xlsx => render::workbook(report).context("cannot write the workbook")?,
        };
        match &self.output_file {
            None => screen.bytes(&bytes),
            Some(path) => {
                fs_err::write(path, bytes).context("cannot write the report")?;
                screen.say(&format!("The report is in {}.", path.display()));
            }
        }
        Ok(())
    }

    const fn by(&self) -> By {
        match self.by {
            Grouping::Service => By::Service,
            Grouping::Stack => By::Stack,
            Grouping::Resource => By::Resource,
        }
    }
}
