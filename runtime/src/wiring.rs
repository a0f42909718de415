//! From arguments and environment to a router: the only place that chooses implementations of the ports.

use std::sync::Arc;

use axum::Router;
use como_adapters::access_token::{CognitoTokens, Issuer};
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
use como_contract::service::{Rights, Service};
use como_domain::access::AccessTokens;
use como_domain::clock::Clock;
use como_domain::partner::Partner;

use crate::arguments::ServeArgs;
use crate::environment::TaskEnvironment;
use crate::serve::ServeError;
use crate::services::accounts::AccountsPorts;
use crate::services::experiences::ExperiencesPorts;
use crate::{app, cors};

pub(crate) struct Wired {
    pub(crate) router: Router,
    pub(crate) configuration: Arc<Configuration>,
    pub(crate) source: Arc<dyn ConfigurationSource>,
    /// Of a service whose sagas may open some.
    pub(crate) open_actions: Option<OpenActions>,
}

pub(crate) async fn wire(args: &ServeArgs, environment: &TaskEnvironment) -> Result<Wired, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let http = http::client()?;
    let aws = AwsClients::connect(&args.region).await;
    let source: Arc<dyn ConfigurationSource> = Arc::new(aws.configuration_table(&args.environment));
    let needed = match args.service {
        Service::Accounts => vec![Partner::Memberson],
        Service::Experiences | Service::Bookings | Service::Redemptions => {
            vec![Partner::Memberson, Partner::SevenRooms]
        }
    };
    let configuration = Arc::new(Configuration::needing(needed));
    let memberson = || -> Result<Arc<Memberson>, ServeError> {
        let credentials = MembersonCredentials::try_from(environment.secret(Secret::MembersonCredentials)?)?;
        Ok(Arc::new(Memberson::new(http.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials)))
    };
    let tokens: Arc<dyn AccessTokens> =
        Arc::new(CognitoTokens::new(http.clone(), Arc::clone(&clock), vec![issuer(args, &aws)?]));
    let router = match args.service {
        Service::Accounts => {
            let cipher = ProfileTokenCipher::new(environment.secret(Secret::SessionKey)?)?;
            let password_key = environment.secret(Secret::MemberPasswordKey)?.clone();
            let ports = AccountsPorts {
                directory: memberson()?,
                identities: Arc::new(aws.cognito_pool(pool_ids(args)?, password_key)),
                sessions: Arc::new(aws.sessions_table(&args.environment, cipher)),
                tokens,
            };
            app::accounts(ports, Arc::clone(&configuration))
        }
        Service::Experiences => {
            let credentials = SevenRoomsCredentials::try_from(environment.secret(Secret::SevenRoomsCredentials)?)?;
            let venues = SevenRooms::new(http.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
            app::experiences(ExperiencesPorts::new(memberson()?, Arc::new(venues), tokens), Arc::clone(&configuration))
        }
        Service::Bookings | Service::Redemptions => {
            // Nothing calls the partners yet. A task that could not do so should not come up all the same.
            MembersonCredentials::try_from(environment.secret(Secret::MembersonCredentials)?)?;
            SevenRoomsCredentials::try_from(environment.secret(Secret::SevenRoomsCredentials)?)?;
            ProfileTokenCipher::new(environment.secret(Secret::SessionKey)?)?;
            app::without_routes(Arc::clone(&configuration))
        }
    };
    let runs_sagas = args.service.definition().rights == Rights::Book;
    let open_actions = runs_sagas.then(|| aws.open_actions(&args.environment));
    Ok(Wired { router: cors::allow(router, &args.origins), configuration, source, open_actions })
}

/// This region's pool; a token of the other region's is refused until its pool is named here.
fn issuer(args: &ServeArgs, aws: &AwsClients) -> Result<Issuer, ServeError> {
    let ids = pool_ids(args)?;
    Ok(Issuer::of_pool(&args.region, &ids.pool_id, &ids.client_id, aws.endpoint()))
}

fn pool_ids(args: &ServeArgs) -> Result<CognitoPoolIds, ServeError> {
    let missing = |argument| ServeError::MissingArgument { service: args.service.name(), argument };
    Ok(CognitoPoolIds {
        pool_id: args.user_pool_id.clone().ok_or(missing(como_contract::task::USER_POOL_ID))?,
        client_id: args.user_pool_client_id.clone().ok_or(missing(como_contract::task::USER_POOL_CLIENT_ID))?,
    })
}
