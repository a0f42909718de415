//! Environments and prices as a git ref has them. The ref is only read: nothing is checked out.

use crate::costing::places::Place;
use crate::exit::{Exit, Failure};
use anyhow::{Context, anyhow};
use como_config::{Colour, Contents, Siblings, Style, parse_contents};
use como_cost::book::{self, PriceBook};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const PRICES: &str = "prices/";
/// Of what is said of mistakes.
const WIDTH: usize = 100;

/// A commit, looked at from the folder of the environment files.
pub(super) struct Earlier {
    folder: PathBuf,
    /// As somebody named it.
    name: String,
    commit: String,
    /// From the folder.
    files: Vec<String>,
}

impl Earlier {
    pub(super) fn find(folder: &Path, name: &str) -> Result<Self, Failure> {
        let commit = format!("{name}^{{commit}}");
        let commit = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).map_err(|error| {
            let error = error.context(format!("`{name}` is no git ref here, no folder with an assembly and no saved month"));
            let hint = "`--against` takes a ref that `git log` knows, the folder of `como synth ENV --directory DIR`, \
                        or the file of `como cost --save FILE`";
            Failure::new(Exit::Usage, error).hint(hint)
        })?;
        let commit = commit.trim().to_owned();
        let listed = git(folder, &["ls-tree", "-r", "--name-only", &commit]).map_err(Failure::failed)?;
        let files = listed.lines().map(str::to_owned).collect();
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), commit, files })
    }

    /// `main (7e1ed89)`.
    pub(super) fn label(&self) -> String {
        let short = self.commit.get(..7).unwrap_or(&self.commit);
        if self.name.starts_with(short) { short.to_owned() } else { format!("{} ({short})", self.name) }
    }

    fn text(&self, file: &str) -> Result<String, Failure> {
        git(&self.folder, &["show", &format!("{}:./{file}", self.commit)]).map_err(Failure::failed)
    }

    /// Those of the wanted environments that there were.
    pub(super) fn places(&self, wanted: &[Place]) -> Result<BTreeMap<String, Place>, Failure> {
        let mut texts = BTreeMap::new();
        for file in &self.files {
            if let Some(name) = file.strip_suffix(".yaml").filter(|name| !name.contains('/')) {
                texts.insert(name.to_owned(), self.text(file)?);
            }
        }
        let mut places = BTreeMap::new();
        for (name, text) in &texts {
            let Some(today) = wanted.iter().find(|place| place.name == *name) else { continue };
            let others = texts.iter().filter(|(other, _)| *other != name);
            let siblings = others.fold(Siblings::default(), |siblings, (name, text)| siblings.with(name, text));
            // The parser holds the file's name against the environment's, so the commit is said around it.
            let file = self.folder.join(format!("{name}.yaml")).display().to_string();
            let contents = parse_contents(&file, text, &siblings).map_err(|mistakes| {
                let said = mistakes.render(Style { colour: Colour::Plain, width: WIDTH });
                let error =
                    anyhow!("{name}.yaml of {} says what this como does not read\n{}", self.label(), said.trim_end());
                Failure::new(Exit::Refused, error)
                    .hint("compare with a newer ref, or keep months from now on with `como cost --save FILE`")
            })?;
            if let Contents::Environment(environment) = contents {
                // Figures of usage stand under the name of today's file, so that they are the same ones.
                places.insert(name.clone(), Place::new(name, &today.file, &environment)?);
            }
        }
        Ok(places)
    }

    /// The newest book that the ref has.
    pub(super) fn prices(&self) -> Result<PriceBook, Failure> {
        let books = self.files.iter().filter(|file| file.starts_with(PRICES) && file.ends_with(".json"));
        let Some(file) = books.max() else {
            let error = anyhow!("{} has no price book under {PRICES}", self.label());
            return Err(
                Failure::new(Exit::Refused, error).hint("compare with a ref that has one, or with a saved month")
            );
        };
        let shown = format!("{file} of {}", self.label());
        book::parse(&shown, &self.text(file)?).map_err(|mistakes| {
            Failure::new(Exit::Refused, mistakes).hint("compare with a newer ref, or with a saved month")
        })
    }
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.context("cannot run `git`, which reads what a ref has")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = if said.trim().is_empty() { "it said nothing" } else { said.trim() };
        return Err(anyhow!("`git {}` failed: {said}", arguments.join(" ")));
    }
    String::from_utf8(output.stdout).context("git wrote what is no UTF-8")
}
