//! What `como cost` looks at: environments with their templates, and a price book.

use crate::args::Global;
use crate::commands::synth;
use crate::environment::{self, folder, names};
use crate::exit::{Exit, Failure};
use crate::output::Screen;
use anyhow::{Context, anyhow};
use como_config::{Contents, Environment, Kind, Posture, Scenario};
use como_core::assembly::Assembly;
use como_cost::book::{self, PriceBook};
use como_cost::estimate::Missing;
use como_cost::proposal::proposed_name;
use como_cost::recovery::{Recovery, StandIn, recovery};
use como_cost::survey::Subject;
use std::path::Path;

/// An environment with its templates.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) environment: Environment,
    assembly: Assembly,
}

/// What was asked for: environments, or the two of a proposal.
pub(crate) struct Asked {
    pub(crate) places: Vec<Place>,
    pub(crate) is_proposal: bool,
}

impl Place {
    pub(crate) fn new(name: &str, file: &str, environment: &Environment) -> Result<Self, Failure> {
        let assembly = synth::templates(environment)?;
        Ok(Self { name: name.to_owned(), file: file.to_owned(), environment: environment.clone(), assembly })
    }

    /// The same environment as other templates have it.
    pub(crate) fn with(&self, assembly: Assembly) -> Self {
        Self { name: self.name.clone(), file: self.file.clone(), environment: self.environment.clone(), assembly }
    }

    pub(crate) const fn assembly(&self) -> &Assembly {
        &self.assembly
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject { environment: &self.environment, file: &self.file, assembly: &self.assembly }
    }

    /// Of a stand-in what each posture, drills and days in its place cost; none of another environment.
    pub(crate) fn recovery(
        &self,
        scenario: Scenario,
        book: &PriceBook,
        missing: Missing,
    ) -> Result<Option<Recovery>, Failure> {
        let Some(role) = self.environment.standby() else { return Ok(None) };
        let in_posture = |posture| -> Result<Self, Failure> {
            let environment = self.environment.in_posture(posture).unwrap_or_else(|| self.environment.clone());
            Self::new(&self.name, &self.file, &environment)
        };
        let [cold, pilot_light, warm] = Posture::ALL;
        let (cold, pilot_light, warm) = (in_posture(cold)?, in_posture(pilot_light)?, in_posture(warm)?);
        let file = self.file.replace(&format!("{}.yaml", self.name), &format!("{}.yaml", role.of().name()));
        let primary = Self::new(role.of().name().as_str(), &file, role.of())?;
        let stand_in = StandIn {
            postures: [cold.subject(), pilot_light.subject(), warm.subject()],
            primary: primary.subject(),
            posture: role.posture(),
        };
        recovery(&stand_in, scenario, book, missing).map(Some).map_err(|unpriceable| refused(&unpriceable))
    }
}

/// The environments by name, or all of the folder, those of production first.
pub(crate) fn asked(wanted: &[String], proposal: bool, global: &Global, screen: &Screen) -> Result<Asked, Failure> {
    let all = if wanted.is_empty() { names(&folder(global)?) } else { wanted.to_vec() };
    let mut own = Vec::new();
    let mut proposals = Vec::new();
    for name in &all {
        let (file, contents) = environment::load_named(global, name, screen)?;
        match contents {
            Contents::Environment(environment) => own.push((name.clone(), file, environment)),
            Contents::Proposal(proposal) => proposals.push((file, proposal)),
            Contents::Local(_) if wanted.is_empty() => {}
            Contents::Local(_) => return Err(environment::on_this_machine(name)),
        }
    }
    if proposal || own.is_empty() {
        let [(file, proposal)] = proposals.as_slice() else {
            let error = anyhow!("one proposal is wanted, and {} are there", proposals.len());
            return Err(Failure::new(Exit::Usage, error).hint("name the file, such as `como cost proposal-2021`"));
        };
        let both = [proposal.production(), proposal.development()];
        let places = both.map(|environment| Place::new(proposed_name(environment.kind()), file, environment));
        return Ok(Asked { places: places.into_iter().collect::<Result<_, _>>()?, is_proposal: true });
    }
    if !wanted.is_empty() && !proposals.is_empty() {
        let error = anyhow!("a proposal stands by itself: its prices are those of its time");
        return Err(Failure::new(Exit::Usage, error).hint("run `como cost --proposal`"));
    }
    if wanted.is_empty() {
        own.sort_by_key(|(_, _, environment)| (rank(environment.kind()), environment.name().to_string()));
    }
    let places = own.iter().map(|(name, file, environment)| Place::new(name, file, environment));
    Ok(Asked { places: places.collect::<Result<_, _>>()?, is_proposal: false })
}

const fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Production => 0,
        Kind::Development => 1,
        Kind::Recovery => 2,
    }
}

/// The book of a file, or one of those that como brings along.
pub(crate) fn prices(file: Option<&Path>, is_proposal: bool) -> Result<PriceBook, Failure> {
    let Some(file) = file else {
        let embedded = if is_proposal { book::proposal() } else { book::current() };
        return embedded.map_err(|mistakes| Failure::new(Exit::Refused, mistakes));
    };
    let text = fs_err::read_to_string(file).context("cannot read the price book")?;
    book::parse(&file.display().to_string(), &text).map_err(|mistakes| Failure::new(Exit::Refused, mistakes))
}

pub(crate) fn refused(unpriceable: &como_cost::problem::Unpriceable) -> Failure {
    Failure::new(Exit::Refused, anyhow!("{unpriceable}"))
        .hint("`--allow-missing` goes on without: what has no price is listed, and the total says \"at least\"")
}
