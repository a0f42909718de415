//! From arguments and environment to a router: the only place that chooses implementations of the ports.

use std::sync::Arc;

use axum::Router;
use como_adapters::aws::{AwsClients, CognitoPoolIds};
use como_adapters::clock::SystemClock;
use como_adapters::credentials::{MembersonCredentials, SevenRoomsCredentials};
use como_adapters::dynamo::OpenActions;
use como_adapters::encryption::ProfileTokenCipher;
use como_adapters::http;
use como_adapters::memberson::Memberson;
use como_adapters::settings::{Configuration, ConfigurationSource};
use como_adapters::sevenrooms::SevenRooms;
use como_contract::secret::Secret;
use como_contract::service::Service;
use como_domain::clock::Clock;
use como_domain::partner::Partner;

use crate::arguments::ServeArgs;
use crate::environment::TaskEnvironment;
use crate::sagas::{Driver, Votes};
use crate::serve::ServeError;
use crate::services::accounts::AccountsPorts;
use crate::services::experiences::ExperiencesPorts;
use crate::wiring_sagas::{Ground, wire_sagas};
use crate::{app, cors};

pub(crate) struct Wired {
    pub(crate) router: Router,
    pub(crate) configuration: Arc<Configuration>,
    pub(crate) source: Arc<dyn ConfigurationSource>,
    /// Of a service that runs sagas.
    pub(crate) sagas: Option<(Arc<Driver>, Option<Arc<Votes>>)>,
    /// Of a service whose sagas may open some.
    pub(crate) open_actions: Option<OpenActions>,
}

pub(crate) async fn wire(
    args: &ServeArgs,
    environment: &TaskEnvironment,
    aws: &AwsClients,
) -> Result<Wired, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let http = http::client()?;
    let source: Arc<dyn ConfigurationSource> = Arc::new(aws.configuration_table(&args.environment));
    let needed = match args.service {
        Service::Accounts => vec![Partner::Memberson],
        Service::Experiences => vec![Partner::Memberson, Partner::SevenRooms],
        Service::Bookings | Service::Redemptions => vec![Partner::Memberson, Partner::SevenRooms, Partner::Stripe],
    };
    let configuration = Arc::new(Configuration::needing(needed));
    let memberson = || -> Result<Arc<Memberson>, ServeError> {
        let credentials = MembersonCredentials::try_from(environment.secret(Secret::MembersonCredentials)?)?;
        let client = Memberson::new(http.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
        Ok(Arc::new(client.holding(environment.bought(Secret::MembersonToken)?)))
    };
    let mut sagas = None;
    let router = match args.service {
        Service::Accounts => {
            let cipher = ProfileTokenCipher::new(environment.secret(Secret::SessionKey)?)?;
            let password_key = environment.secret(Secret::MemberPasswordKey)?.clone();
            let ports = AccountsPorts {
                directory: memberson()?,
                identities: Arc::new(aws.cognito_pool(pool_ids(args)?, password_key)),
                sessions: Arc::new(aws.sessions_table(&args.environment, cipher)),
            };
            app::accounts(ports, Arc::clone(&configuration))
        }
        Service::Experiences => {
            let credentials = SevenRoomsCredentials::try_from(environment.secret(Secret::SevenRoomsCredentials)?)?;
            let venues = SevenRooms::new(http.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
            let venues = venues.holding(environment.bought(Secret::SevenRoomsToken)?);
            app::experiences(ExperiencesPorts::new(memberson()?, Arc::new(venues)), Arc::clone(&configuration))
        }
        Service::Bookings | Service::Redemptions => {
            let ground = Ground {
                args,
                environment,
                aws,
                http: &http,
                clock: Arc::clone(&clock),
                configuration: Arc::clone(&configuration),
                memberson: memberson()?,
            };
            let wired = wire_sagas(ground).await?;
            sagas = Some((Arc::clone(&wired.driver), wired.votes.clone()));
            match args.service {
                Service::Redemptions => app::redemptions(Arc::clone(&configuration)),
                _ => app::bookings(Arc::clone(&configuration)),
            }
        }
    };
    let open_actions = sagas.is_some().then(|| aws.open_actions(&args.environment));
    Ok(Wired { router: cors::allow(router, &args.origins), configuration, source, sagas, open_actions })
}

fn pool_ids(args: &ServeArgs) -> Result<CognitoPoolIds, ServeError> {
    let missing = |argument| ServeError::MissingArgument { service: args.service.name(), argument };
    Ok(CognitoPoolIds {
        pool_id: args.user_pool_id.clone().ok_or(missing(como_contract::task::USER_POOL_ID))?,
        client_id: args.user_pool_client_id.clone().ok_or(missing(como_contract::task::USER_POOL_CLIENT_ID))?,
    })
}
