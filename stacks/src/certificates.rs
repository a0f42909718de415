//! Certificates of the environment's own region, for the API and for the load balancer behind it.
//!
//! Apart from what uses them: they are issued once the domain is delegated, and a stand-in must have them beforehand.

use crate::naming;
use como_config::Environment;
use como_constructs::acm::{Certificate, CertificateProps};
use como_constructs::route53::HostedZone;
use como_core::stack::Stack;

pub(crate) struct Certificates {
    pub(crate) api: Certificate,
    /// For the name by which API Gateway speaks to the load balancer.
    pub(crate) services: Certificate,
}

pub(crate) fn certificates(environment: &Environment, zone: &HostedZone) -> (Stack, Certificates) {
    let mut stack = naming::stack(environment, "certificates", "COMO: certificates of the API and the load balancer");
    let mut scope = stack.scope();
    let other_names = environment.recovery().map(|_| naming::region_domain(environment)).into_iter().collect();
    let api = CertificateProps { name: naming::api_domain(environment), other_names, zone };
    let api = Certificate::new(&mut scope, "Api", &api);
    let services = CertificateProps { name: naming::services_domain(environment), other_names: Vec::new(), zone };
    let services = Certificate::new(&mut scope, "Services", &services);
    scope.share("ApiCertificateArn", "The certificate of the API", &api.arn());
    scope.share("ServicesCertificateArn", "The certificate of the load balancer", &services.arn());
    (stack, Certificates { api, services })
}
