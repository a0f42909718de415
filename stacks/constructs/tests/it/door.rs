use crate::support::{guard, key, log_group, network, only, template};
use como_constructs::acm::{Certificate, CertificateProps};
use como_constructs::apigateway::{
    Authorizer, Body, Cors, CustomDomain, CustomDomainProps, Document, LoggingAccount, Operation, PrivateIntegration,
    RestApi, RestApiProps, Throttle, VpcLink, VpcLinkProps,
};
use como_constructs::cognito::{BrowserClientProps, Plan, ScopeProps, UserPool, UserPoolProps};
use como_constructs::elb::{LoadBalancer, LoadBalancerProps};
use como_constructs::logs::let_route53_write;
use como_constructs::route53::{HostedZone, HostedZoneProps};
use como_core::stack::Scope;
use como_core::template::Template;

fn pool(scope: &mut Scope<'_>, plan: Plan) -> UserPool {
    UserPool::new(scope, "Pool", UserPoolProps { name: "test".to_owned(), plan })
}

fn door(scope: &mut Scope<'_>, operations: Vec<Operation<'_>>) -> RestApi {
    door_for(scope, operations, &[])
}

fn door_for(scope: &mut Scope<'_>, operations: Vec<Operation<'_>>, other_origins: &[&str]) -> RestApi {
    let network = network(scope, 1);
    let guard = guard(scope, &network);
    let subnets = network.private_subnets();
    let access_log = &crate::support::log_bucket(scope);
    let props = LoadBalancerProps { name: "test".to_owned(), subnets: subnets.clone(), guard: &guard, access_log };
    let load_balancer = LoadBalancer::new(scope, "LoadBalancer", props);
    let link = VpcLink::new(scope, "Link", VpcLinkProps { name: "test".to_owned(), subnets, guard: &guard });
    let user_pool = pool(scope, Plan::Essentials);
    let key = key(scope);
    let access_log = log_group(scope, &key);
    let account = LoggingAccount::new(scope, "Account");
    let document = Document {
        title: "A test",
        description: "A test",
        version: "1",
        authorizer: Authorizer { name: "member", user_pool: &user_pool },
        integration: PrivateIntegration { link: &link, load_balancer: &load_balancer, host: "services.test.example" },
        cors: Cors::new("https://test.example".to_owned(), other_origins.iter().map(ToString::to_string)),
        operations,
    };
    RestApi::new(
        scope,
        "Api",
        RestApiProps {
            name: "test".to_owned(),
            description: "A test",
            document: document.to_json(),
            stage: "stage".to_owned(),
            throttle: Throttle { requests_per_second: 10.0, burst: 20 },
            method_throttles: document
                .operations
                .iter()
                .filter_map(|operation| Some((operation.method.into(), operation.path.into(), operation.throttle?)))
                .collect(),
            access_log: &access_log,
            log_key: &key,
            after: Some(account.dependency()),
        },
    )
}

fn operation<'a>(method: &'a str, path: &'a str, scopes: Option<Vec<&'a str>>) -> Operation<'a> {
    Operation { method, path, scopes, ..Operation::default() }
}

#[test]
fn an_api_is_one_document_deployed_to_one_stage() {
    let template = template(|scope| {
        let operations = vec![
            operation("get", "/things", None),
            operation("post", "/things", Some(vec!["write"])),
            operation("get", "/things/{id}/parts/{part}", Some(vec!["read", "write"])),
        ];
        door(scope, operations);
    });
    let types = [
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGatewayV2::VpcLink",
        "AWS::IAM::Role",
    ];
    insta::assert_snapshot!(only(&template, &types));
}

#[test]
fn a_webhook_comes_in_without_a_token_but_signed_and_throttled() {
    let template = template(|scope| {
        let webhook = Operation {
            method: "post",
            path: "/webhooks/{partner}",
            required_headers: vec!["Signature"],
            throttle: Some(Throttle { requests_per_second: 5.0, burst: 10 }),
            ..Operation::default()
        };
        let sign_in = Operation { method: "post", path: "/sign-in", body: Body::JsonObject, ..Operation::default() };
        door_for(scope, vec![webhook, sign_in], &["https://app.test.example", "http://localhost:5173"]);
    });
    insta::assert_snapshot!(only(&template, &["AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"]));
}

#[test]
fn a_name_of_our_own_leads_to_the_api() {
    let template = template(|scope| {
        let api = door(scope, vec![operation("get", "/things", None)]);
        let key = key(&mut scope.child("Zone"));
        let query_log = log_group(&mut scope.child("Zone"), &key);
        let after = let_route53_write(scope, "QueryLogPolicy", "test".to_owned(), "/test/");
        let props =
            HostedZoneProps { name: "test.example".to_owned(), comment: "A test", query_log: &query_log, after };
        let zone = HostedZone::new(scope, "HostedZone", props);
        let name = || "api.test.example".to_owned();
        let props = CertificateProps { name: name(), other_names: Vec::new(), zone: &zone };
        let certificate = Certificate::new(scope, "Certificate", &props);
        let domain = CustomDomain::new(scope, "Domain", CustomDomainProps { name: name(), certificate: &certificate });
        domain.lead_to(scope, "Mapping", &api);
    });
    insta::assert_snapshot!(only(&template, &["AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::DomainName"]));
}

#[test]
fn a_pool_takes_users_from_a_service_only() {
    let template = template(|scope| {
        let pool = pool(scope, Plan::Plus);
        pool.add_client(scope, "Client", "test".to_owned());
        pool.add_domain(scope, "Domain", "test-123456789012".to_owned());
        let scopes = [ScopeProps { name: "things.read", description: "See things" }];
        let server = pool.add_resource_server(scope, "Rights", "test", "A test", &scopes);
        let browser = BrowserClientProps {
            name: "staff".to_owned(),
            callback: "https://test.example/".to_owned(),
            server: &server,
            scopes: &["things.read"],
        };
        pool.add_browser_client(scope, "StaffClient", browser);
        pool.add_group(scope, "Staff", "staff", "People who work here", 1);
    });
    let types = [
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolDomain",
        "AWS::Cognito::UserPoolGroup",
        "AWS::Cognito::UserPoolResourceServer",
    ];
    insta::assert_snapshot!(only(&template, &types));
}

#[test]
fn a_changed_document_makes_another_deployment() {
    let deployment = |path: &str| -> String {
        let template: Template = template(|scope| {
            door(scope, vec![operation("get", path, None)]);
        });
        let resources = template.resources.iter();
        let mut deployments = resources.filter(|(_, resource)| resource.resource_type == "AWS::ApiGateway::Deployment");
        deployments.next().unwrap().0.clone()
    };
    assert_eq!(deployment("/one"), deployment("/one"));
    assert_ne!(deployment("/one"), deployment("/two"));
}
