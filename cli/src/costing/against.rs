//! What a month is compared with: a git ref, an assembly in a folder, or a saved month.

use crate::costing::assembly_folder::{self, MANIFEST};
use crate::costing::earlier::Earlier;
use crate::costing::places::{Place, refused};
use crate::exit::{Exit, Failure};
use anyhow::anyhow;
use como_config::Scenario;
use como_cost::book::PriceBook;
use como_cost::difference::{Difference, between};
use como_cost::estimate::{Estimate, Missing, estimate};
use como_cost::figures::Figures;
use como_cost::month::{Month, SavedMonth, SavedMonthError};
use std::collections::BTreeMap;
use std::path::Path;

/// The earlier side.
pub(crate) struct Against {
    label: String,
    months: BTreeMap<String, Month>,
}

/// What both sides have in common.
pub(crate) struct Terms<'a> {
    pub(crate) book: &'a PriceBook,
    pub(crate) scenario: Scenario,
    pub(crate) missing: Missing,
    /// Of the environment files.
    pub(crate) folder: &'a Path,
}

impl Against {
    /// A folder or a file of that name comes before a ref.
    pub(crate) fn find(wanted: &str, places: &[Place], terms: &Terms<'_>) -> Result<Self, Failure> {
        let path = Path::new(wanted);
        if path.is_dir() {
            return Self::assemblies(path, places, terms);
        }
        if path.is_file() {
            return Self::saved(wanted, places, terms);
        }
        let earlier = Earlier::find(terms.folder, wanted)?;
        let (found, book) = (earlier.places(places)?, earlier.prices()?);
        let months = found.iter().map(|(name, place)| Ok((name.clone(), month(place, &book, terms)?)));
        Ok(Self { label: earlier.label(), months: months.collect::<Result<_, Failure>>()? })
    }

    /// One assembly for the one environment that was asked for, or a folder for each.
    fn assemblies(folder: &Path, places: &[Place], terms: &Terms<'_>) -> Result<Self, Failure> {
        let mut months = BTreeMap::new();
        for place in places {
            let own = folder.join(&place.name);
            let own = if places.len() == 1 && folder.join(MANIFEST).is_file() { folder.to_owned() } else { own };
            if !own.join(MANIFEST).is_file() {
                let error = anyhow!("{} has no {MANIFEST}", own.display());
                let hint = format!(
                    "write it with `como synth {} --directory {}`, and name one environment for one assembly",
                    place.name,
                    own.display()
                );
                return Err(Failure::new(Exit::Usage, error).hint(hint));
            }
            let assembly = assembly_folder::read(&own, place.assembly())?;
            // Those that several environments share say nothing on whose assembly it is.
            let is_own = |name: &str| place.assembly().stack(name).is_some_and(|stack| !stack.shared);
            if !assembly.stacks.iter().any(|stack| is_own(&stack.name)) {
                let error = anyhow!("no stack of {} is one of {}", own.display(), place.name);
                return Err(Failure::new(Exit::Usage, error).hint("name the environment that the assembly is of"));
            }
            months.insert(place.name.clone(), month(&place.with(assembly), terms.book, terms)?);
        }
        Ok(Self { label: folder.display().to_string(), months })
    }

    fn saved(file: &str, places: &[Place], terms: &Terms<'_>) -> Result<Self, Failure> {
        let text = fs_err::read_to_string(file).map_err(|error| Failure::new(Exit::Usage, error))?;
        let saved = SavedMonth::parse(file, &text, terms.scenario).map_err(|error| {
            let hint = match &error {
                SavedMonthError::Scenario { found, .. } => format!("look at the same ones with `--scenario {found}`"),
                SavedMonthError::Unreadable { .. } | SavedMonthError::Schema { .. } => {
                    "write one with `como cost --save FILE`".to_owned()
                }
            };
            Failure::new(Exit::Usage, error).hint(hint)
        })?;
        let label = format!("{file} of {}, prices of {}", saved.date(), saved.prices());
        let of = |place: &Place| Some((place.name.clone(), saved.environment(&place.name)?.clone()));
        Ok(Self { label, months: places.iter().filter_map(of).collect() })
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Those of the environments that were not there, so that all of them is added.
    pub(crate) fn lacks<'p>(&self, places: &'p [Place]) -> Vec<&'p str> {
        let names = places.iter().map(|place| place.name.as_str());
        names.filter(|name| !self.months.contains_key(*name)).collect()
    }

    pub(crate) fn difference(&self, name: &str, today: &Estimate) -> Difference {
        let before = self.months.get(name).cloned().unwrap_or_default();
        between(&before, &Month::of(today))
    }
}

fn month(place: &Place, book: &PriceBook, terms: &Terms<'_>) -> Result<Month, Failure> {
    let figures = Figures::new(&place.file, place.environment.usage(), terms.scenario);
    let estimate = estimate(&place.subject(), &figures, book, terms.missing);
    estimate.map(|estimate| Month::of(&estimate)).map_err(|unpriceable| {
        refused(&unpriceable).hint("this is the earlier side of the comparison; `--against` names it")
    })
}
