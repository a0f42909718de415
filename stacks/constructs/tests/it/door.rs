use crate::support::{guard, key, log_group, network, only, template};
use como_constructs::apigateway::{
    Authorizer, Document, LoggingAccount, Operation, PrivateIntegration, RestApi, RestApiProps, Throttle, VpcLink,
    VpcLinkProps,
};
use como_constructs::cognito::{UserPool, UserPoolProps};
use como_constructs::elb::{LoadBalancer, LoadBalancerProps};
use como_core::stack::Scope;
use como_core::template::Template;

fn door(scope: &mut Scope<'_>, operations: Vec<Operation<'_>>) {
    let network = network(scope, 1);
    let guard = guard(scope, &network);
    let subnets = network.private_subnets();
    let props = LoadBalancerProps { name: "test".to_owned(), subnets: subnets.clone(), guard: &guard };
    let load_balancer = LoadBalancer::new(scope, "LoadBalancer", props);
    let link = VpcLink::new(scope, "Link", VpcLinkProps { name: "test".to_owned(), subnets, guard: &guard });
    let user_pool = UserPool::new(scope, "Pool", UserPoolProps { name: "test".to_owned() });
    user_pool.add_client(scope, "Client", "test".to_owned());
    let key = key(scope);
    let access_log = log_group(scope, &key);
    let account = LoggingAccount::new(scope, "Account");
    let document = Document {
        title: "A test",
        description: "A test",
        version: "1",
        authorizer: Authorizer { name: "member", user_pool: &user_pool },
        integration: PrivateIntegration { link: &link, load_balancer: &load_balancer },
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
            access_log: &access_log,
            after: Some(account.dependency()),
        },
    );
}

fn operation<'a>(method: &'a str, path: &'a str, scopes: Option<Vec<&'a str>>) -> Operation<'a> {
    Operation { method, path, scopes }
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
fn a_pool_takes_users_from_a_service_only() {
    let template = template(|scope| door(scope, Vec::new()));
    insta::assert_snapshot!(only(&template, &["AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"]));
}

#[test]
fn a_changed_document_makes_another_deployment() {
    let deployment = |path: &str| -> String {
        let template: Template = template(|scope| door(scope, vec![operation("get", path, None)]));
        let resources = template.resources.iter();
        let mut deployments = resources.filter(|(_, resource)| resource.resource_type == "AWS::ApiGateway::Deployment");
        deployments.next().unwrap().0.clone()
    };
    assert_eq!(deployment("/one"), deployment("/one"));
    assert_ne!(deployment("/one"), deployment("/two"));
}
