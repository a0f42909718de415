//! The repository's environments, synthesised.

use como_config::{Contents, Environment, Posture, Scenario, Siblings, parse_contents};
use como_core::assembly::Assembly;
use como_cost::book::{self, PriceBook};
use como_cost::estimate::{Estimate, Missing, estimate};
use como_cost::figures::Figures;
use como_cost::survey::Subject;

pub(crate) const PRODUCTION: &str = include_str!("../../../../environments/prod.yaml");
pub(crate) const DEVELOPMENT: &str = include_str!("../../../../environments/dev.yaml");
pub(crate) const SYDNEY: &str = include_str!("../../../../environments/sydney.yaml");
pub(crate) const PROPOSAL: &str = include_str!("../../../../environments/proposal-2021.yaml");

/// An environment with its templates, owned.
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) environment: Environment,
    pub(crate) assembly: Assembly,
}

impl Place {
    pub(crate) fn of(file: &str, environment: Environment) -> Self {
        let assembly = como_stacks::app(&environment).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        Self { file: file.to_owned(), environment, assembly }
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject { environment: &self.environment, file: &self.file, assembly: &self.assembly }
    }

    pub(crate) fn figures(&self) -> Figures<'_> {
        Figures::new(&self.file, self.environment.usage(), Scenario::Expected)
    }

    pub(crate) fn estimate(&self, book: &PriceBook) -> Estimate {
        estimate(&self.subject(), &self.figures(), book, Missing::Refused).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Every environment that a text holds.
pub(crate) fn read(name: &str, text: &str) -> Vec<Place> {
    let environments = parsed(name, text).into_iter();
    environments.map(|environment| Place::of(&format!("environments/{name}.yaml"), environment)).collect()
}

/// As [`read`], without their templates.
pub(crate) fn parsed(name: &str, text: &str) -> Vec<Environment> {
    let siblings = Siblings::default().with("prod", PRODUCTION);
    let contents = parse_contents(&format!("environments/{name}.yaml"), text, &siblings);
    match contents.unwrap_or_else(|mistakes| panic!("{mistakes:?}")) {
        Contents::Environment(environment) => vec![*environment],
        Contents::Proposal(proposal) => vec![proposal.production().clone(), proposal.development().clone()],
        Contents::Local(_) => Vec::new(),
    }
}

pub(crate) fn one(name: &str, text: &str) -> Place {
    let mut places = read(name, text);
    assert_eq!(places.len(), 1);
    places.remove(0)
}

pub(crate) fn prod() -> Place {
    one("prod", PRODUCTION)
}

pub(crate) fn dev() -> Place {
    one("dev", DEVELOPMENT)
}

pub(crate) fn sydney(posture: Posture) -> Place {
    let place = one("sydney", SYDNEY);
    Place::of(&place.file, place.environment.in_posture(posture).unwrap())
}

pub(crate) fn current() -> PriceBook {
    book::current().unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

pub(crate) fn of_2021() -> PriceBook {
    book::proposal().unwrap_or_else(|mistakes| panic!("{mistakes}"))
}
