//! What a deployment does beside CloudFormation, found by the outputs and parameters that the contract names.

use crate::exit::Failure;
use crate::functions;
use crate::seeds;
use anyhow::Context;
use como_config::Environment;
use como_contract::function::ARCHIVE_PARAMETER;
use como_contract::output::{ASSET_BUCKET, DEFAULT_SECURITY_GROUP, SITE_BUCKET, SITE_DISTRIBUTION};
use como_contract::site;
use como_core::assembly::{Assembly, StackArtifact};
use como_engine::step::{Object, Place, Site, Step, Task};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// The steps of a deployment, and the values of the parameters that no output gives.
pub(crate) struct Preparation {
    pub(crate) steps: Vec<Step>,
    pub(crate) supplied: BTreeMap<String, String>,
}

/// Where the functions' program comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Program<'a> {
    /// Built for Lambda: the file, or the one beside this program.
    Lambda(Option<&'a Path>),
    /// This program, on this machine.
    Itself,
}

pub(crate) fn prepare(
    environment: &Environment,
    assembly: &Assembly,
    program: Program<'_>,
) -> Result<Preparation, Failure> {
    let mut steps = Vec::new();
    let mut supplied = BTreeMap::new();
    let configuration = seeds::first_configuration(environment);
    // A stand-in's configuration is a replica of what it stands in for.
    steps.extend(assembly.stack(&configuration.stack).map(|_| configuration));
    steps.extend(with_output(assembly, DEFAULT_SECURITY_GROUP).map(|stack| Step {
        stack: stack.name.clone(),
        task: Task::EmptyGroup { output: DEFAULT_SECURITY_GROUP.to_owned() },
    }));
    let needing: Vec<&StackArtifact> =
        assembly.stacks.iter().filter(|stack| stack.template.parameters.contains_key(ARCHIVE_PARAMETER)).collect();
    if !needing.is_empty() {
        let archive = match program {
            Program::Lambda(path) => functions::for_aws(path)?,
            Program::Itself => functions::for_rehearsal()?,
        };
        supplied.insert(ARCHIVE_PARAMETER.to_owned(), archive.key.clone());
        for stack in needing {
            let bucket = stack.bindings.iter().find(|(_, binding)| binding.output == ASSET_BUCKET);
            let (parameter, _) = bucket.with_context(|| format!("{} reads no output {ASSET_BUCKET}", stack.name))?;
            let task = Task::Objects { parameter: parameter.clone(), objects: vec![archive.clone()] };
            steps.push(Step { stack: stack.name.clone(), task });
        }
    }
    for edge in with_output(assembly, SITE_DISTRIBUTION) {
        let mut buckets: Vec<Place> = with_output(assembly, SITE_BUCKET).map(|site| place(site, SITE_BUCKET)).collect();
        // The environment's own region first: it holds the mark of what was published.
        buckets.sort_by_key(|place| place.region != environment.region().as_str());
        let distribution = place(edge, SITE_DISTRIBUTION);
        let site = Site { buckets, distribution, objects: site_objects(environment, assembly)? };
        steps.push(Step { stack: edge.name.clone(), task: Task::Site(site) });
    }
    Ok(Preparation { steps, supplied })
}

fn with_output<'a>(assembly: &'a Assembly, output: &'a str) -> impl Iterator<Item = &'a StackArtifact> {
    assembly.stacks.iter().filter(move |stack| stack.template.outputs.contains_key(output))
}

fn place(stack: &StackArtifact, output: &str) -> Place {
    Place { region: stack.region.clone(), stack: stack.name.clone(), output: output.to_owned() }
}

/// The domain at which the assembly's API answers.
fn api_domain(assembly: &Assembly) -> Option<String> {
    let mut resources = assembly.stacks.iter().flat_map(|stack| stack.template.resources.values());
    let domain = resources.find(|resource| resource.resource_type == "AWS::ApiGateway::DomainName")?;
    domain.properties.get("DomainName")?.as_str().map(str::to_owned)
}

/// The site's files, then those that belong to the environment, then the pages, which lead to both.
fn site_objects(environment: &Environment, assembly: &Assembly) -> Result<Vec<Object>, Failure> {
    const JSON: &str = "application/json";
    const FRESH: &str = "no-cache";
    let document = como_runtime::openapi::document().to_json().context("cannot write the API's description")?;
    let domain = api_domain(assembly).unwrap_or_else(|| format!("api.{}", environment.domain()));
    let settings = json!({ "api_url": format!("https://{domain}") });
    let mut objects = vec![
        Object::new(site::DOCUMENT_FILE, JSON, FRESH, document.into_bytes()),
        Object::new(site::SETTINGS_FILE, JSON, FRESH, settings.to_string().into_bytes()),
    ];
    let files = como_site::files().iter();
    objects.extend(files.map(|file| Object::new(file.name, file.content_type, file.cache_control, file.content)));
    Ok(objects)
}
