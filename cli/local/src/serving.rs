//! The middleware's services within this process, each as its task has it: the same arguments, secrets and settings.

use crate::secrets::Secrets;
use crate::templates::Made;
use axum::Router;
use como_contract::service::Service;
use como_contract::setting::Setting;
use como_runtime::arguments::ServeArgs;
use como_runtime::environment::TaskEnvironment;
use como_runtime::serve::{Background, Nearby, ServeError};
use tokio_util::sync::CancellationToken;

/// Outputs of the templates.
const USER_POOL_ID: &str = "UserPoolId";
const USER_POOL_CLIENT_ID: &str = "UserPoolClientId";
const QUEUE_URL: &str = "EffectsQueueUrl";
/// Somebody is looking.
const SWEEP_S: u64 = 2;

/// What the services are to be told.
pub(crate) struct Told<'a> {
    pub(crate) environment: &'a str,
    pub(crate) region: &'a str,
    /// Of the API and its pages, for example `http://127.0.0.1:8080`.
    pub(crate) origin: &'a str,
    pub(crate) port: u16,
    pub(crate) secrets: &'a Secrets,
    pub(crate) made: &'a Made,
}

/// Services that answer, and what they do besides.
pub(crate) type Joined = (Vec<(Service, Router)>, Vec<Background>);

/// All services, ready to answer.
pub(crate) async fn services(nearby: &Nearby, told: &Told<'_>, stop: &CancellationToken) -> Result<Joined, ServeError> {
    let (mut services, mut backgrounds) = (Vec::new(), Vec::new());
    for service in Service::ALL {
        let args = ServeArgs {
            service,
            environment: told.environment.to_owned(),
            region: told.region.to_owned(),
            user_pool_id: told.made.output(USER_POOL_ID).map(str::to_owned),
            user_pool_client_id: told.made.output(USER_POOL_CLIENT_ID).map(str::to_owned),
            port: told.port,
            // The pages are at the API's own origin.
            origins: Vec::new(),
            // One region has nobody to share with.
            lease_regions: Vec::new(),
            sweep_s: SWEEP_S,
            configuration_refresh_s: 15,
        };
        let environment = TaskEnvironment::read(service, told.port, |name| told.variable(name))?;
        let (router, background) = nearby.join(&args, &environment, stop).await?;
        services.push((service, router));
        backgrounds.push(background);
    }
    Ok((services, backgrounds))
}

impl Told<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        if let Some(setting) = Setting::ALL.into_iter().find(|setting| setting.variable() == name) {
            return self.setting(setting);
        }
        self.secrets.get(name).cloned()
    }

    fn setting(&self, setting: Setting) -> Option<String> {
        match setting {
            Setting::QueueUrl => self.made.output(QUEUE_URL).map(str::to_owned),
            // Where a card payment comes back to.
            Setting::SiteOrigin => Some(self.origin.to_owned()),
            Setting::MailSender | Setting::MailConfigurationSet => {
                self.made.parameter(&setting.name(self.environment)).map(str::to_owned)
            }
        }
    }
}
