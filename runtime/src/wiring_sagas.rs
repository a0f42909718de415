//! The driver of sagas with its ports, for the services that run them.

use std::sync::Arc;

use como_adapters::aws::AwsClients;
use como_adapters::credentials::SevenRoomsCredentials;
use como_adapters::doorbell::SqsDoorbell;
use como_adapters::encryption::ProfileTokenCipher;
use como_adapters::http::HttpClient;
use como_adapters::mail::SesMailer;
use como_adapters::memberson::Memberson;
use como_adapters::settings::Configuration;
use como_adapters::sevenrooms::SevenRooms;
use como_adapters::stripe::Stripe;
use como_contract::secret::Secret;
use como_contract::setting::Setting;
use como_contract::site::{CARD_CANCEL_PAGE, CARD_SUCCESS_PAGE};
use como_domain::clock::Clock;
use como_domain::journal::Region;
use como_domain::lease::{BallotBox, Lease, Terms};
use como_domain::manual_actions::ManualActions;
use como_domain::requests::Requests;
use como_domain::saga::policy::Policy;
use como_domain::sagas::Sagas;
use como_domain::webhook_events::WebhookEvents;

use crate::arguments::ServeArgs;
use crate::environment::{EnvironmentError, TaskEnvironment};
use crate::sagas::{Alone, ArcDriver, CardPages, Driver, DriverPorts, Partners, Votes};
use crate::serve::ServeError;

/// Calls to partners that one task makes at one time.
const CALLS_AT_ONCE: usize = 64;

/// What every service that runs sagas is made of; its routes take of it what they need.
#[expect(dead_code, reason = "the routes that take the rest come next")]
pub(crate) struct SagaWiring {
    pub(crate) driver: Arc<Driver>,
    /// Of an environment with several regions.
    pub(crate) votes: Option<Arc<Votes>>,
    pub(crate) requests: Arc<dyn Requests>,
    pub(crate) webhook_events: Arc<dyn WebhookEvents>,
    pub(crate) actions: Arc<dyn ManualActions>,
    pub(crate) stripe: Arc<Stripe>,
    pub(crate) sevenrooms: Arc<SevenRooms>,
    pub(crate) memberson: Arc<Memberson>,
}

impl SagaWiring {
    #[expect(dead_code, reason = "the routes that ask them come next")]
    pub(crate) fn sagas(&self) -> Arc<dyn Sagas> {
        Arc::new(ArcDriver(Arc::clone(&self.driver)))
    }
}

/// What is there before.
pub(crate) struct Ground<'a> {
    pub(crate) args: &'a ServeArgs,
    pub(crate) environment: &'a TaskEnvironment,
    pub(crate) aws: &'a AwsClients,
    pub(crate) http: &'a HttpClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) configuration: Arc<Configuration>,
    pub(crate) memberson: Arc<Memberson>,
}

pub(crate) async fn wire_sagas(ground: Ground<'_>) -> Result<SagaWiring, ServeError> {
    let Ground { args, environment, aws, http, clock, configuration, memberson } = ground;
    let name = &args.environment;
    let credentials = SevenRoomsCredentials::try_from(environment.secret(Secret::SevenRoomsCredentials)?)?;
    let sevenrooms = SevenRooms::new(http.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
    let sevenrooms = Arc::new(sevenrooms.holding(environment.bought(Secret::SevenRoomsToken)?));
    let stripe_key = environment.secret(Secret::StripeKey)?.clone();
    let stripe = Arc::new(Stripe::new(http.clone(), Arc::clone(&clock), configuration, stripe_key));
    let cipher = ProfileTokenCipher::new(environment.secret(Secret::SessionKey)?)?;
    let setting = |wanted: Setting| {
        let missing = || EnvironmentError::Missing { names: vec![wanted.variable()] };
        environment.setting(wanted).map(str::to_owned).ok_or_else(missing)
    };
    let signed = aws.signed(http.clone());
    let mailer =
        SesMailer::new(signed.clone(), setting(Setting::MailSender)?, Some(setting(Setting::MailConfigurationSet)?));
    let actions: Arc<dyn ManualActions> = Arc::new(aws.manual_actions(name));
    let site = setting(Setting::SiteOrigin)?;
    let site = site.trim_end_matches('/');
    let partners = Partners {
        payments: stripe.clone(),
        points: memberson.clone(),
        items: memberson.clone(),
        reservations: sevenrooms.clone(),
        directory: memberson.clone(),
        contacts: memberson.clone(),
        catalogue: memberson.clone(),
        profile_tokens: Arc::new(aws.sessions_table(name, cipher)),
        mailer: Arc::new(mailer),
        actions: Arc::clone(&actions),
        clock: Arc::clone(&clock),
        pages: CardPages {
            success: format!("{site}/{CARD_SUCCESS_PAGE}"),
            cancel: format!("{site}/{CARD_CANCEL_PAGE}"),
        },
    };
    let votes = votes(args, &clock).await?;
    let lease: Arc<dyn Lease> = match &votes {
        Some(votes) => Arc::clone(votes) as Arc<dyn Lease>,
        None => Arc::new(Alone::new(region(&args.region)?, Arc::clone(&clock))),
    };
    let ports = DriverPorts {
        journals: Arc::new(aws.journal(name)),
        doorbell: Arc::new(SqsDoorbell::new(signed, setting(Setting::QueueUrl)?)),
        lease,
        clock: Arc::clone(&clock),
        partners,
    };
    Ok(SagaWiring {
        votes,
        driver: Driver::new(ports, Policy::standard(), CALLS_AT_ONCE),
        requests: Arc::new(aws.requests(name, Arc::clone(&clock))),
        webhook_events: Arc::new(aws.webhook_events(name, clock)),
        actions,
        stripe,
        sevenrooms,
        memberson,
    })
}

/// `None` where there is one region only, and nobody to share with.
async fn votes(args: &ServeArgs, clock: &Arc<dyn Clock>) -> Result<Option<Arc<Votes>>, ServeError> {
    if args.lease_regions.len() < 2 {
        return Ok(None);
    }
    let regions: Vec<Region> = args.lease_regions.iter().map(|name| region(name)).collect::<Result<_, _>>()?;
    let mut boxes: Vec<Arc<dyn BallotBox>> = Vec::new();
    for region in &regions {
        boxes.push(Arc::new(AwsClients::connect(region.as_str()).await.lease_table(&args.environment)));
    }
    let votes = Votes::new(region(&args.region)?, &regions, boxes, Arc::clone(clock), Terms::standard());
    Ok(Some(Arc::new(votes)))
}

fn region(name: &str) -> Result<Region, ServeError> {
    Region::try_from(name.to_owned()).map_err(|_| ServeError::Region)
}
