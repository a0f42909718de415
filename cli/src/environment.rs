//! Finding and reading environment files.

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::Screen;
use como_config::{Contents, Environment, MAX_BYTES, Mistakes, ReadError, RefusedRegion, Siblings};
use std::io::Read;
use std::path::{Path, PathBuf};

const FOLDER: &str = "environments";

/// The folder that `--environments` names, or the nearest `environments` from here upwards.
pub(crate) fn folder(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(folder) = &global.environments {
        return Ok(folder.clone());
    }
    let here = std::env::current_dir().map_err(Failure::failed)?;
    let found = here.ancestors().map(|folder| folder.join(FOLDER)).find(|folder| folder.is_dir());
    found.ok_or_else(|| {
        Failure::new(Exit::Usage, anyhow::anyhow!("no folder `{FOLDER}` here or above {}", here.display())).hint(
            "write one with `como init --account <ID> --domain <DOMAIN>`, or name one with `--environments <DIR>`",
        )
    })
}

/// Reads `<folder>/<name>.yaml`: its name as people know it, and what it says or every mistake in it.
pub(crate) fn read(global: &Global, name: &str) -> Result<(String, Result<Contents, Mistakes>), Failure> {
    let folder = folder(global)?;
    let path = folder.join(format!("{name}.yaml"));
    if !path.is_file() {
        let error = anyhow::anyhow!("there is no environment `{name}`: {} is not a file", path.display());
        let known = names(&folder);
        return Err(Failure::new(Exit::Usage, error).hint(format!("the environments are: {}", known.join(", "))));
    }
    let file = fs_err::File::open(&path).map_err(Failure::failed)?;
    let shown = shown(&path);
    match como_config::read(&shown, file, &siblings(&folder, name)) {
        Ok(contents) => Ok((shown, Ok(contents))),
        Err(ReadError::Mistakes(mistakes)) => Ok((shown, Err(mistakes))),
        Err(error) => Err(Failure::failed(error)),
    }
}

/// The refused regions as mistakes of the file `<folder>/<name>.yaml`, which was sound a moment ago.
pub(crate) fn refuse_regions(
    global: &Global,
    name: &str,
    refused: &[RefusedRegion],
) -> Result<Option<Mistakes>, Failure> {
    let path = folder(global)?.join(format!("{name}.yaml"));
    if refused.is_empty() {
        return Ok(None);
    }
    let text = fs_err::read_to_string(&path).map_err(Failure::failed)?;
    Ok(como_config::refuse_regions(&shown(&path), &text, refused))
}

/// Reads an environment that must be sound; its mistakes go to the screen.
pub(crate) fn load(global: &Global, name: &str, screen: &Screen) -> Result<Environment, Failure> {
    deployable(load_contents(global, name, screen)?, name)
}

/// What can be deployed to a cloud.
pub(crate) fn deployable(contents: Contents, name: &str) -> Result<Environment, Failure> {
    match contents {
        Contents::Environment(environment) => Ok(*environment),
        Contents::Proposal(_) => {
            let error = anyhow::anyhow!("`{name}` is a proposal: it is synthesised and priced, and never deployed");
            Err(Failure::new(Exit::Usage, error).hint(format!("look at its templates with `como synth {name}`")))
        }
        Contents::Local(_) => Err(on_this_machine(name)),
    }
}

/// For commands about clouds and templates.
pub(crate) fn on_this_machine(name: &str) -> Failure {
    let error = anyhow::anyhow!("`{name}` is on this machine, in one process, and has no stacks");
    Failure::new(Exit::Usage, error).hint(format!("`como deploy {name}` serves it until Ctrl-C"))
}

/// As [`load`], where a proposal will do too.
pub(crate) fn load_contents(global: &Global, name: &str, screen: &Screen) -> Result<Contents, Failure> {
    load_named(global, name, screen).map(|(_, contents)| contents)
}

/// As [`load_contents`], with the file's name as people know it.
pub(crate) fn load_named(global: &Global, name: &str, screen: &Screen) -> Result<(String, Contents), Failure> {
    let (file, parsed) = read(global, name)?;
    let contents = parsed.map_err(|mistakes| {
        if !screen.is_json() {
            screen.say(&mistakes.render(screen.mistake_style()));
        }
        Failure::new(Exit::Refused, mistakes).hint(format!("mend the file, then check it with `como validate {name}`"))
    })?;
    Ok((file, contents))
}

/// The environments that a file holds: one, or the two of a proposal.
pub(crate) fn environments(contents: &Contents) -> Vec<&Environment> {
    blocks(contents).into_iter().map(|(_, environment)| environment).collect()
}

/// As [`environments`], each with the key of the file under which it stands, where there is one.
pub(crate) fn blocks(contents: &Contents) -> Vec<(Option<&'static str>, &Environment)> {
    match contents {
        Contents::Environment(environment) => vec![(None, environment)],
        Contents::Proposal(proposal) => {
            vec![(Some("production"), proposal.production()), (Some("development"), proposal.development())]
        }
        // Nothing of it is on AWS.
        Contents::Local(_) => Vec::new(),
    }
}

/// The other files of the folder. One that cannot be read is as good as absent: what refers to it says so.
fn siblings(folder: &Path, name: &str) -> Siblings {
    let others = names(folder).into_iter().filter(|other| other != name);
    others.fold(Siblings::default(), |siblings, other| {
        let file = fs_err::File::open(folder.join(format!("{other}.yaml")));
        let limit = u64::try_from(MAX_BYTES + 1).unwrap_or(u64::MAX);
        let mut text = String::new();
        match file.and_then(|file| file.take(limit).read_to_string(&mut text)) {
            Ok(_) => siblings.with(other, text),
            Err(_) => siblings,
        }
    })
}

/// The environments of the folder, by name.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

fn shown(path: &Path) -> String {
    let relative = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    relative.unwrap_or_else(|| path.to_owned()).display().to_string()
}
