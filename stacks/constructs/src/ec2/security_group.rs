//! Security groups: who may speak to whom, by port.

use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::ec2;

/// A security group that lets nothing in or out unless a rule says so.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    handle: Handle<ec2::SecurityGroup>,
}

#[derive(Debug)]
pub struct SecurityGroupProps {
    pub vpc_id: Value<String>,
    pub description: &'static str,
    pub ingress: Vec<Rule>,
    pub egress: Vec<Rule>,
}

/// TCP to one port.
#[derive(Debug)]
pub struct Rule {
    pub peer: Peer,
    pub port: u16,
    pub description: &'static str,
}

#[derive(Debug)]
pub enum Peer {
    Cidr(String),
    Group(SecurityGroup),
}

impl SecurityGroup {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: SecurityGroupProps) -> Self {
        let ingress: Vec<_> = props.ingress.iter().map(Rule::ingress).collect();
        let egress =
            if props.egress.is_empty() { vec![no_egress()] } else { props.egress.iter().map(Rule::egress).collect() };
        let handle = scope.add(
            id,
            ec2::SecurityGroup {
                vpc_id: Some(props.vpc_id),
                security_group_ingress: (!ingress.is_empty()).then_some(ingress),
                security_group_egress: Some(egress),
                ..ec2::SecurityGroup::new(props.description)
            },
        );
        Self { handle }
    }

    /// Lets a peer in. A resource of its own, so that two groups may name each other.
    pub fn accept(&self, scope: &mut Scope<'_>, id: &str, rule: &Rule) {
        let (cidr_ip, source_security_group_id) = rule.peer.split();
        scope.add(
            id,
            ec2::SecurityGroupIngress {
                group_id: Some(self.id()),
                cidr_ip,
                source_security_group_id,
                from_port: Some(i64::from(rule.port).into()),
                to_port: Some(i64::from(rule.port).into()),
                description: Some(rule.description.into()),
                ..ec2::SecurityGroupIngress::new("tcp")
            },
        );
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.get(ec2::SecurityGroup::GROUP_ID)
    }
}

impl Rule {
    fn ingress(&self) -> ec2::security_group::Ingress {
        let (cidr_ip, source_security_group_id) = self.peer.split();
        ec2::security_group::Ingress {
            cidr_ip,
            source_security_group_id,
            from_port: Some(i64::from(self.port).into()),
            to_port: Some(i64::from(self.port).into()),
            description: Some(self.description.into()),
            ..ec2::security_group::Ingress::new("tcp")
        }
    }

    fn egress(&self) -> ec2::security_group::Egress {
        let (cidr_ip, destination_security_group_id) = self.peer.split();
        ec2::security_group::Egress {
            cidr_ip,
            destination_security_group_id,
            from_port: Some(i64::from(self.port).into()),
            to_port: Some(i64::from(self.port).into()),
            description: Some(self.description.into()),
            ..ec2::security_group::Egress::new("tcp")
        }
    }
}

impl Peer {
    fn split(&self) -> (Option<Value<String>>, Option<Value<String>>) {
        match self {
            Self::Cidr(cidr) => (Some(cidr.as_str().into()), None),
            Self::Group(group) => (None, Some(group.id())),
        }
    }
}

/// A group without egress rules gets EC2's default, which allows everything; one rule that matches nothing prevents that.
fn no_egress() -> ec2::security_group::Egress {
    ec2::security_group::Egress {
        cidr_ip: Some("127.0.0.1/32".into()),
        description: Some("Nothing leaves".into()),
        ..ec2::security_group::Egress::new("-1")
    }
}
