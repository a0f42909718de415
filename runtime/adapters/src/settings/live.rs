//! Settings that change under a running service. A bad or missing document never replaces a good one.

use std::sync::{Arc, PoisonError, RwLock};

use como_contract::configuration;
use como_domain::partner::Partner;
use tracing::{info, warn};

use crate::settings::{ConfigurationSource, MembersonSettings, SettingsError, SevenRoomsSettings, StripeSettings};

/// The last good settings of one document.
pub struct LiveSettings<S> {
    state: RwLock<State<S>>,
}

struct State<S> {
    current: Option<Arc<S>>,
    /// The text of the last attempt, good or bad, so that a mistake is logged once and not with every look.
    last_text: Option<String>,
    /// For the same reason: what stood in the way of reading the document the last time.
    last_obstacle: Option<String>,
}

impl<S> LiveSettings<S> {
    fn empty() -> Self {
        Self { state: RwLock::new(State { current: None, last_text: None, last_obstacle: None }) }
    }

    #[must_use]
    pub fn current(&self) -> Option<Arc<S>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    fn is_new_obstacle(&self, obstacle: &str) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.last_obstacle.replace(obstacle.to_owned()).as_deref() != Some(obstacle)
    }

    /// `None` when the text has not changed since the last offer.
    fn offer(&self, text: &str, parse: impl Fn(&str) -> Result<S, SettingsError>) -> Option<Result<(), SettingsError>> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.last_obstacle = None;
        if state.last_text.as_deref() == Some(text) {
            return None;
        }
        state.last_text = Some(text.to_owned());
        Some(parse(text).map(|settings| state.current = Some(Arc::new(settings))))
    }
}

/// The documents that one service needs.
pub struct Configuration {
    needed: Vec<Partner>,
    pub memberson: LiveSettings<MembersonSettings>,
    pub sevenrooms: LiveSettings<SevenRoomsSettings>,
    pub stripe: LiveSettings<StripeSettings>,
}

/// What one look at the table changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refreshed {
    pub changed: usize,
    /// Documents that could not be read or understood, or are not there; the last good ones stay.
    pub refused: usize,
}

impl Configuration {
    #[must_use]
    pub fn needing(needed: Vec<Partner>) -> Self {
        let (memberson, sevenrooms) = (LiveSettings::empty(), LiveSettings::empty());
        Self { needed, memberson, sevenrooms, stripe: LiveSettings::empty() }
    }

    /// Whether every needed document has been good at least once.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.needed.iter().all(|partner| match partner {
            Partner::Memberson => self.memberson.current().is_some(),
            Partner::SevenRooms => self.sevenrooms.current().is_some(),
            Partner::Stripe => self.stripe.current().is_some(),
        })
    }

    /// Looks at every needed document once.
    pub async fn refresh(&self, source: &dyn ConfigurationSource) -> Refreshed {
        let mut refreshed = Refreshed::default();
        for partner in &self.needed {
            match partner {
                Partner::Memberson => {
                    let name = configuration::MEMBERSON;
                    refresh_one(&self.memberson, name, source, MembersonSettings::parse, &mut refreshed).await;
                }
                Partner::SevenRooms => {
                    let name = configuration::SEVENROOMS;
                    refresh_one(&self.sevenrooms, name, source, SevenRoomsSettings::parse, &mut refreshed).await;
                }
                Partner::Stripe => {
                    let name = configuration::STRIPE;
                    refresh_one(&self.stripe, name, source, StripeSettings::parse, &mut refreshed).await;
                }
            }
        }
        refreshed
    }
}

async fn refresh_one<S: Send + Sync>(
    live: &LiveSettings<S>,
    name: &'static str,
    source: &dyn ConfigurationSource,
    parse: impl Fn(&str) -> Result<S, SettingsError> + Send,
    refreshed: &mut Refreshed,
) {
    let row = match source.row(name).await {
        Ok(Some(row)) => row,
        Ok(None) => {
            refreshed.refused += 1;
            if live.is_new_obstacle("no row") {
                warn!(configuration.name = name, "the configuration table has no row `{name}`");
            }
            return;
        }
        Err(error) => {
            refreshed.refused += 1;
            let cause = error.source.to_string();
            if live.is_new_obstacle(&cause) {
                warn!(configuration.name = name, error.cause = cause, "{error}");
            }
            return;
        }
    };
    match live.offer(&row.document, parse) {
        None => {}
        Some(Ok(())) => {
            refreshed.changed += 1;
            let version = row.version;
            info!(
                configuration.name = name,
                configuration.version = version,
                "took over version {version} of `{name}`"
            );
        }
        Some(Err(error)) => {
            refreshed.refused += 1;
            let version = row.version;
            warn!(configuration.name = name, configuration.version = version, "version {version} is not used: {error}");
        }
    }
}
