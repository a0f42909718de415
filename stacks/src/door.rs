//! The public door of a region: the API's name, the firewall in front of it and the log behind it.
//!
//! Apart from the API: a stand-in has them ready, since a name takes many minutes to be made and its firewall knows nothing of
//! what is behind it.

use crate::certificates::Certificates;
use crate::naming;
use crate::network::Network;
use como_config::Environment;
use como_constructs::apigateway::{CustomDomain, CustomDomainProps};
use como_constructs::logs::{LogGroup, LogGroupProps, Retention};
use como_constructs::wafv2::{Defence, FIREWALL_LOG_PREFIX, InFrontOf, WebAcl, WebAclProps};
use como_contract::route::WEBHOOK_PREFIX;
use como_core::stack::Stack;

pub(crate) struct Door {
    pub(crate) domain: CustomDomain,
    /// By which this region is asked for itself, where another may serve under the first name.
    pub(crate) own_domain: Option<CustomDomain>,
    pub(crate) firewall: WebAcl,
    /// Of the API, whose own stack may go and come again while the group is kept.
    pub(crate) access_log: LogGroup,
}

/// A member who looks and books makes some dozens; offices share an address.
pub(crate) const REQUESTS_OF_AN_ADDRESS: i64 = 2000;
/// Where the club's members are.
pub(crate) const HOME_COUNTRIES: [&str; 5] = ["AU", "ID", "MY", "SG", "TH"];

pub(crate) fn door(environment: &Environment, network: &Network, certificates: &Certificates) -> (Stack, Door) {
    let mut stack = naming::stack(environment, "door", "COMO: the API's name and firewall");
    let mut scope = stack.scope();
    let log = LogGroup::new(
        &mut scope,
        "FirewallLog",
        LogGroupProps {
            name: format!("{FIREWALL_LOG_PREFIX}{}", naming::name(environment, "api")),
            retention: Retention::ThreeMonths,
            key: &network.log_key,
        },
    );
    let firewall = WebAcl::new(
        &mut scope,
        "Firewall",
        WebAclProps {
            name: naming::name(environment, "api"),
            description: "In front of the API",
            defence: Defence {
                in_front_of: InFrontOf::Api,
                requests_per_5_minutes: REQUESTS_OF_AN_ADDRESS,
                home_countries: HOME_COUNTRIES.to_vec(),
                webhook_path: Some(WEBHOOK_PREFIX),
            },
            log: &log,
        },
    );
    let access_log = LogGroup::new(
        &mut scope,
        "AccessLog",
        LogGroupProps {
            name: naming::log_group(environment, "api-access"),
            retention: Retention::ThreeMonths,
            key: &network.log_key,
        },
    );
    let props = CustomDomainProps { name: naming::api_domain(environment), certificate: &certificates.api };
    let domain = CustomDomain::new(&mut scope, "Domain", props);
    let own_domain = environment.recovery().map(|_| {
        let props = CustomDomainProps { name: naming::region_domain(environment), certificate: &certificates.api };
        CustomDomain::new(&mut scope, "OwnDomain", props)
    });
    scope.share("FirewallArn", "The firewall of the API", &firewall.arn());
    scope.share("AccessLogName", "Where the API writes who was answered what", &access_log.name());
    domain.share(&mut scope, "Api");
    if let Some(own) = &own_domain {
        own.share(&mut scope, "Own");
    }
    (stack, Door { domain, own_domain, firewall, access_log })
}
