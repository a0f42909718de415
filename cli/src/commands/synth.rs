//! `como synth`: the templates, offline.

use crate::args::Global;
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use crate::regions;
use crate::render::text::count;
use anyhow::Context;
use clap::ValueEnum;
use como_config::{Contents, Environment};
use como_core::assembly::Assembly;
use std::path::{Path, PathBuf};

/// Write an environment's templates
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment, for example `prod`
    #[arg(value_name = "ENV")]
    name: String,
    /// `json` writes a cloud assembly, which the CDK CLI reads too; `yaml` prints the templates
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Where the assembly is written; what an earlier synth left there is replaced
    #[arg(long, value_name = "DIR", default_value = "como.out")]
    directory: PathBuf,
    /// Only this stack, by its name in CloudFormation or without the environment's prefix
    #[arg(long, value_name = "STACK")]
    stack: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Yaml,
}

/// The assembly of a sound environment, as it comes out of the topology.
pub(crate) fn templates(environment: &Environment) -> Result<Assembly, Failure> {
    como_stacks::app(environment).map_err(|mistakes| {
        let problems: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::new(Exit::Refused, anyhow::anyhow!("the topology cannot be synthesised:\n  {}", problems.join("\n  ")))
    })
}

/// The assembly of a sound environment, which no rule has anything against.
pub(crate) fn assembly(environment: &Environment) -> Result<Assembly, Failure> {
    let assembly = templates(environment)?;
    let mut report = como_checks::check(&assembly);
    if report.is_clean() {
        return Ok(assembly);
    }
    let error = anyhow::anyhow!("the templates break rules: {}\n{}", report.summary(), report.to_text().trim_end());
    let mut failure = Failure::new(Exit::Refused, error);
    if !regions::refused(&assembly, None, &mut report).is_empty() {
        failure = failure.hint("`como validate` shows where the file names the region, and which regions would do");
    }
    if !report.is_clean() {
        failure = failure.hint("mend the construct, or accept the finding beside it with a reason");
    }
    Err(failure)
}

pub(crate) fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let contents = environment::load_contents(global, &args.name, screen)?;
    if matches!(contents, Contents::Local(_)) {
        return Err(environment::on_this_machine(&args.name));
    }
    let environments = environment::environments(&contents);
    if let [environment] = environments.as_slice() {
        return one(args, environment, &args.directory, screen);
    }
    for environment in environments {
        one(args, environment, &args.directory.join(environment.name().as_str()), screen)?;
    }
    Ok(Exit::Done)
}

fn one(args: &Args, environment: &Environment, directory: &Path, screen: &Screen) -> Outcome {
    let mut assembly = assembly(environment)?;
    if let Some(wanted) = &args.stack {
        let suffix = format!("-{wanted}");
        let known: Vec<String> = assembly.stacks.iter().map(|stack| stack.name.clone()).collect();
        assembly.stacks.retain(|stack| stack.name == *wanted || stack.name.ends_with(&suffix));
        if assembly.stacks.is_empty() {
            let failure = Failure::new(Exit::Usage, anyhow::anyhow!("{} has no stack `{wanted}`", args.name));
            return Err(failure.hint(format!("its stacks are: {}", known.join(", "))));
        }
    }
    match args.format {
        Format::Yaml => print_yaml(&assembly, screen),
        Format::Json => write(&assembly, directory, screen),
    }
}

fn print_yaml(assembly: &Assembly, screen: &Screen) -> Outcome {
    let mut documents = Vec::new();
    for stack in &assembly.stacks {
        let yaml = serde_yaml::to_string(&stack.template).context("cannot write a template as YAML")?;
        documents.push(format!("---\n# {}\n{yaml}", stack.name));
    }
    screen.result(&documents.concat());
    Ok(Exit::Done)
}

fn write(assembly: &Assembly, directory: &Path, screen: &Screen) -> Outcome {
    let files = assembly.files().context("cannot write the assembly as JSON")?;
    prepare(directory)?;
    for (name, text) in &files {
        fs_err::write(directory.join(name), text).context("cannot write the assembly")?;
    }
    if screen.is_json() {
        let stacks: Vec<_> = assembly
            .stacks
            .iter()
            .map(|stack| serde_json::json!({ "name": stack.name, "region": stack.region, "resources": stack.template.resources.len() }))
            .collect();
        screen.json(&serde_json::json!({ "directory": directory, "stacks": stacks }))?;
        return Ok(Exit::Done);
    }
    let width = assembly.stacks.iter().map(|stack| stack.name.len()).max().unwrap_or(0);
    for stack in &assembly.stacks {
        let resources = count(stack.template.resources.len(), "resource");
        screen.result(&format!("{:<width$}  {}  {resources}", stack.name, stack.region));
    }
    screen.say(&format!(
        "{} in {}, {} altogether. Read one with `como synth --format yaml --stack <STACK>`.",
        count(assembly.stacks.len(), "template"),
        directory.display(),
        count(assembly.resource_count(), "resource"),
    ));
    Ok(Exit::Done)
}

/// An empty folder, or one that holds nothing but an earlier assembly, which is cleared.
fn prepare(directory: &Path) -> Result<(), Failure> {
    fs_err::create_dir_all(directory).map_err(Failure::failed)?;
    let entries: Vec<PathBuf> =
        fs_err::read_dir(directory).map_err(Failure::failed)?.flatten().map(|entry| entry.path()).collect();
    let foreign = entries.iter().find(|path| !is_ours(path));
    if let Some(foreign) = foreign {
        let error = anyhow::anyhow!("{} is not part of an assembly", foreign.display());
        return Err(Failure::new(Exit::Refused, error).hint("name an empty folder with `--directory <DIR>`"));
    }
    for path in entries {
        fs_err::remove_file(path).map_err(Failure::failed)?;
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_file() && (name == "manifest.json" || name.ends_with(".template.json"))
}
