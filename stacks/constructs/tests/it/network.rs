use crate::support::{guard, key, log_group, network, only, template};
use como_constructs::ec2::{
    FlowLogProps, GatewayService, InterfaceService, Peer, Rule, flow_log, gateway_endpoint, interface_endpoint,
};
use como_constructs::iam::Statement;

#[test]
fn a_network_has_a_public_and_a_private_subnet_in_each_zone() {
    let template = template(|scope| {
        network(scope, 2);
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&template.resources).unwrap());
}

#[test]
fn zones_share_nat_gateways_when_there_are_fewer() {
    let template = template(|scope| {
        network(scope, 1);
    });
    insta::assert_snapshot!(only(&template, &["AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::Route"]));
}

#[test]
fn endpoints_let_through_what_they_are_for() {
    let template = template(|scope| {
        let network = network(scope, 1);
        let guard = guard(scope, &network);
        let allowed = Statement::allow(["s3:GetObject"], ["arn:aws:s3:::bucket/*".into()]);
        gateway_endpoint(scope, &network, GatewayService::S3, allowed);
        interface_endpoint(scope, &network, InterfaceService::SecretsManager, &guard);
        interface_endpoint(scope, &network, InterfaceService::Ssm, &guard);
    });
    insta::assert_snapshot!(only(&template, &["AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroup"]));
}

#[test]
fn two_groups_may_name_each_other() {
    let template = template(|scope| {
        let network = network(scope, 1);
        let one = guard(scope, &network);
        let mut inner = scope.child("Inner");
        let other = guard(&mut inner, &network);
        let from = |peer| Rule { peer, port: 8080, description: "A peer" };
        one.accept(scope, "OneFromOther", &from(Peer::Group(other.clone())));
        other.accept(scope, "OtherFromOne", &from(Peer::Group(one.clone())));
        other.accept(scope, "OtherFromOffice", &from(Peer::Cidr("192.0.2.0/24".to_owned())));
    });
    insta::assert_snapshot!(only(&template, &["AWS::EC2::SecurityGroupIngress"]));
}

#[test]
fn a_flow_log_writes_into_its_group_and_nowhere_else() {
    let template = template(|scope| {
        let network = network(scope, 1);
        let key = key(scope);
        let destination = log_group(scope, &key);
        flow_log(scope, &FlowLogProps { network: &network, destination: &destination });
    });
    insta::assert_snapshot!(only(&template, &["AWS::EC2::FlowLog", "AWS::IAM::Role", "AWS::Logs::LogGroup"]));
}
