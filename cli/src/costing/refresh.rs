//! `como cost --refresh-prices`: AWS's price lists into a new book, after everybody could see what that changes.

use crate::args::Global;
use crate::costing::places::Place;
use crate::costing::questions::{Questions, of_today};
use crate::environment::folder;
use crate::exit::{Exit, Failure, Outcome};
use crate::host::says_yes;
use crate::output::Screen;
use crate::render::cost as render;
use anyhow::{Context, anyhow};
use como_aws::price_list::{Attributes, PriceList, PriceLists, path, read};
use como_cost::book::{PriceBook, write};
use como_cost::estimate::Missing;
use como_cost::money::Usd;
use como_cost::refresh::{ListFile, Listing, Product, ProductBand, Refreshed, Selector, refresh, wanted};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Refreshing {
    /// Read AWS's price lists, show what they change, and write a new price book
    #[arg(long, conflicts_with_all = ["proposal", "explain", "against", "save", "currency", "format", "output_file"])]
    refresh_prices: bool,
    /// Lists that are there already: a folder with AWS's paths below it (`offers/v1.0/aws/…`), or another server
    #[arg(long, value_name = "DIR|URL", requires = "refresh_prices")]
    from: Option<String>,
    /// Write the book without asking
    #[arg(long, requires = "refresh_prices")]
    yes: bool,
}

/// One environment's month at the old prices and at the new ones.
pub(crate) struct Effect {
    pub(crate) name: String,
    pub(crate) before: Usd,
    pub(crate) after: Usd,
}

impl Refreshing {
    pub(crate) const fn is_wanted(&self) -> bool {
        self.refresh_prices
    }
}

pub(crate) async fn run(
    refreshing: &Refreshing,
    questions: &Questions,
    places: &[Place],
    book: &PriceBook,
    (global, screen, today): (&Global, &Screen, Date),
) -> Outcome {
    let target = folder(global)?.join("prices").join(format!("{today}.json"));
    if target.exists() {
        let error = anyhow!("{} is there already, and a book of a day is written once", target.display());
        return Err(Failure::new(Exit::Refused, error).hint("move the file away to write it anew"));
    }
    let listings = listings(refreshing.from.as_deref(), book, screen).await?;
    let refreshed = refresh(book, &listings, today);
    let effects = effects(questions, places, book, &refreshed.book)?;
    let is_refused = !refreshed.refused.is_empty() && questions.missing == Missing::Refused;
    if !screen.is_json() {
        screen.result(&render::refreshed(&refreshed, book));
        screen.result(&render::effects(&effects));
    }
    if is_refused {
        told(screen, &refreshed, &effects, None)?;
        let error =
            anyhow!("{} prices are not settled by AWS's lists, and nothing was written", refreshed.refused.len());
        let hint = "mend the selectors in cli/cost/src/refresh/selector.rs or the rows of the book; \
                    `--allow-missing` leaves such prices as they were";
        return Err(Failure::new(Exit::Refused, error).hint(hint));
    }
    if !refreshing.yes {
        if !Screen::can_ask() {
            told(screen, &refreshed, &effects, None)?;
            let error = anyhow!("nobody is here to be asked, and nothing was written");
            return Err(Failure::new(Exit::Refused, error).hint("`--yes` writes the book without asking"));
        }
        if !says_yes(format!("Write {}? [y/N] ", target.display())).await {
            screen.say("Nothing was written.");
            return Ok(Exit::Done);
        }
    }
    if let Some(folder) = target.parent() {
        fs_err::create_dir_all(folder).map_err(Failure::failed)?;
    }
    fs_err::write(&target, write(&refreshed.book)).context("cannot write the price book")?;
    told(screen, &refreshed, &effects, Some(&target))?;
    screen.say(&format!(
        "The book is {0}; `como cost --prices {0}` counts with it. To have it counted with everywhere, name it in \
         cli/cost/src/book/embedded.rs and build como again.",
        target.display()
    ));
    Ok(Exit::Done)
}

fn told(screen: &Screen, refreshed: &Refreshed, effects: &[Effect], written: Option<&Path>) -> Result<(), Failure> {
    if !screen.is_json() {
        return Ok(());
    }
    let effects: Vec<_> = effects
        .iter()
        .map(|effect| serde_json::json!({ "environment": effect.name, "before": effect.before, "after": effect.after }))
        .collect();
    screen.json(&serde_json::json!({
        "read": refreshed.read, "changes": refreshed.changes, "kept": refreshed.kept, "refused": refreshed.refused,
        "effects": effects, "written": written,
    }))
}

/// Every list that can be read. Those that cannot are named; the prices that they would settle are refused afterwards.
async fn listings(from: Option<&str>, book: &PriceBook, screen: &Screen) -> Result<Vec<Listing>, Failure> {
    let is_server = from.is_none_or(|from| from.starts_with("http://") || from.starts_with("https://"));
    let lists = PriceLists::new(from.filter(|_| is_server)).map_err(Failure::failed)?;
    let folder: Option<PathBuf> = from.filter(|_| !is_server).map(PathBuf::from);
    if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        let error = anyhow!("{} is no folder", folder.display());
        return Err(Failure::new(Exit::Usage, error).hint("`--from` takes a folder with price lists, or a URL"));
    }
    let mut listings = Vec::new();
    let mut first = None;
    let wanted = wanted(book);
    let all = wanted.len();
    for (number, (file, selectors)) in wanted.into_iter().enumerate() {
        screen.say(&format!("{} of {all}: {file}", number + 1));
        let read = match &folder {
            None => fetched(&lists, &file, selectors).await,
            Some(folder) => from_file(folder, &file, &selectors),
        };
        match read {
            Ok(list) => listings.push(listing(file, list)),
            Err(error) => {
                screen.say(&format!("  {error:#}"));
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if listings.is_empty() => {
            let hint = "download the lists where there is a network and name their folder with `--from DIR`";
            Err(Failure::failed(error.context("no price list could be read")).hint(hint))
        }
        _ => Ok(listings),
    }
}

async fn fetched(lists: &PriceLists, file: &ListFile, selectors: Vec<Selector>) -> anyhow::Result<PriceList> {
    let wanted = move |attributes: &Attributes| selectors.iter().any(|selector| selector.matches(attributes));
    Ok(lists.fetch(&file.offer, file.region.as_deref(), wanted).await?)
}

fn from_file(folder: &Path, file: &ListFile, selectors: &[Selector]) -> anyhow::Result<PriceList> {
    let path = folder.join(path(&file.offer, file.region.as_deref()));
    let source = fs_err::File::open(&path)?;
    let wanted = |attributes: &Attributes| selectors.iter().any(|selector| selector.matches(attributes));
    read(source, &wanted).with_context(|| format!("{} is no price list of AWS", path.display()))
}

fn listing(file: ListFile, list: PriceList) -> Listing {
    let products = list.products.into_iter().map(|product| Product {
        sku: product.sku,
        attributes: product.attributes,
        bands: product
            .bands
            .into_iter()
            .map(|band| ProductBand {
                rate_code: band.rate_code,
                unit: band.unit,
                begin: band.begin,
                end: band.end,
                price: band.price,
            })
            .collect(),
    });
    Listing { file, version: list.version, published: list.published, products: products.collect() }
}

fn effects(
    questions: &Questions,
    places: &[Place],
    before: &PriceBook,
    after: &PriceBook,
) -> Result<Vec<Effect>, Failure> {
    let total = |place: &Place, book| of_today(questions, place, book).map(|report| report.estimate.total);
    let effect = |place: &Place| {
        Ok(Effect { name: place.name.clone(), before: total(place, before)?, after: total(place, after)? })
    };
    places.iter().map(effect).collect()
}
