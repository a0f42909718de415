//! A VPC over several zones: public subnets for the NAT gateways, private ones for everything that runs.

use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::ec2;

/// A VPC with a public and a private subnet in every zone. Nothing in it gets a public address by itself.
#[derive(Debug, Clone)]
pub struct Network {
    name: String,
    vpc: Handle<ec2::Vpc>,
    zones: Vec<Zone>,
    public_routes: Handle<ec2::RouteTable>,
    nat_addresses: Vec<Handle<ec2::Eip>>,
}

#[derive(Debug)]
pub struct NetworkProps {
    /// Goes into the `Name` tags, for example `como-prod`.
    pub name: String,
    pub cidr: String,
    pub zones: Vec<ZoneProps>,
    /// One for each zone survives the loss of any; fewer are shared by the zones that have none. Here are their addresses
    /// only, see [`Network::open_way_out`].
    pub nat_gateways: usize,
}

#[derive(Debug)]
pub struct ZoneProps {
    /// The zone's letter, lower case: `a` of `ap-southeast-1a`.
    pub letter: char,
    pub public_cidr: String,
    pub private_cidr: String,
}

/// One zone's part of the network.
#[derive(Debug, Clone)]
pub struct Zone {
    letter: char,
    public_subnet: Handle<ec2::Subnet>,
    private_subnet: Handle<ec2::Subnet>,
    private_routes: Handle<ec2::RouteTable>,
}

impl Network {
    pub fn new(scope: &mut Scope<'_>, props: &NetworkProps) -> Self {
        let uncalled = Suppression::new(
            ["EC2.10", "EC2.58", "EC2.60"],
            "Nothing in the VPC calls EC2 or Incident Manager; an endpoint is paid for by the hour in each zone",
        );
        let vpc = scope.add_with(
            "Vpc",
            &ec2::Vpc {
                cidr_block: Some(props.cidr.as_str().into()),
                // Both, or the private names of interface endpoints do not resolve.
                enable_dns_support: Some(true.into()),
                enable_dns_hostnames: Some(true.into()),
                tags: Some(vec![ec2::vpc::Tag::new("Name", props.name.as_str())]),
                ..ec2::Vpc::new()
            },
            Options { suppressions: vec![uncalled], ..Options::default() },
        );
        let way_out = Suppression::new(
            ["EC2.172"],
            "Partners are called through NAT gateways, and those need a way to the internet; nothing comes in by it",
        );
        let gateway = scope.add_with(
            "InternetGateway",
            &ec2::InternetGateway::new(),
            Options { suppressions: vec![way_out], ..Options::default() },
        );
        let attachment = scope.add(
            "InternetGatewayAttachment",
            ec2::VpcGatewayAttachment {
                internet_gateway_id: Some(gateway.reference()),
                ..ec2::VpcGatewayAttachment::new(vpc.reference())
            },
        );
        let public_routes = route_table(scope, &vpc, &props.name, "public");
        // A route through a gateway that is not attached yet is refused.
        let after_attachment = || Options { depends_on: vec![attachment.dependency()], ..Options::default() };
        scope.add_with(
            "PublicDefaultRoute",
            &ec2::Route {
                destination_cidr_block: Some(ANYWHERE.into()),
                gateway_id: Some(gateway.reference()),
                ..ec2::Route::new(public_routes.reference())
            },
            after_attachment(),
        );
        let zones: Vec<Zone> = props
            .zones
            .iter()
            .map(|zone| {
                let mut scope = scope.child(&zone_id(zone.letter));
                Zone::new(&mut scope, &vpc, &public_routes, &props.name, zone)
            })
            .collect();
        let mut nat_addresses = Vec::new();
        for zone in zones.iter().take(props.nat_gateways) {
            let mut scope = scope.child(&zone.id());
            nat_addresses.push(scope.add_with(
                "NatAddress",
                &ec2::Eip {
                    domain: Some("vpc".into()),
                    tags: Some(vec![ec2::eip::Tag::new("Name", nat_name(&props.name, zone))]),
                    ..ec2::Eip::new()
                },
                after_attachment(),
            ));
        }
        Self { name: props.name.clone(), vpc, zones, public_routes, nat_addresses }
    }

    /// NAT gateways at the network's addresses, and routes to them. They cost by the hour and can be made when they are
    /// needed, in a stack of their own; partners know the addresses meanwhile. An address waits for the internet gateway,
    /// and so does what stands at it.
    pub fn open_way_out(&self, scope: &mut Scope<'_>) {
        let mut nat_gateways = Vec::new();
        for (zone, address) in self.zones.iter().zip(&self.nat_addresses) {
            nat_gateways.push(scope.child(&zone.id()).add(
                "NatGateway",
                ec2::NatGateway {
                    allocation_id: Some(address.get(ec2::Eip::ALLOCATION_ID)),
                    subnet_id: Some(zone.public_subnet.reference()),
                    tags: Some(vec![ec2::nat_gateway::Tag::new("Name", nat_name(&self.name, zone))]),
                    ..ec2::NatGateway::new()
                },
            ));
        }
        for (zone, nat_gateway) in self.zones.iter().zip(nat_gateways.iter().cycle()) {
            scope.child(&zone.id()).add(
                "PrivateDefaultRoute",
                ec2::Route {
                    destination_cidr_block: Some(ANYWHERE.into()),
                    nat_gateway_id: Some(nat_gateway.reference()),
                    ..ec2::Route::new(zone.private_routes.reference())
                },
            );
        }
    }

    /// Gives every part of the network that another stack may stand on a stable name.
    pub fn share(&self, scope: &mut Scope<'_>) {
        scope.share("VpcId", "The VPC", &self.vpc_id());
        for zone in &self.zones {
            let letter = zone.letter.to_ascii_uppercase();
            let mut part = |name: &str, what: &str, value: Value<String>| {
                let description = format!("The {what} of zone {}", zone.letter);
                scope.share(&format!("{name}{letter}Id"), &description, &value);
            };
            part("PublicSubnet", "public subnet", zone.public_subnet.reference());
            part("PrivateSubnet", "private subnet", zone.private_subnet_id());
            part("PrivateRoutes", "private routes", zone.private_routes.reference());
        }
        for (zone, address) in self.zones.iter().zip(&self.nat_addresses) {
            let letter = zone.letter.to_ascii_uppercase();
            let allocation = address.get(ec2::Eip::ALLOCATION_ID);
            scope.share(&format!("NatAllocation{letter}Id"), "Where a NAT gateway stands", &allocation);
        }
    }

    #[must_use]
    pub fn vpc_id(&self) -> Value<String> {
        self.vpc.reference()
    }

    /// AWS makes it with the VPC and lets everything in it speak with everything in it; no template can take its rules away.
    #[must_use]
    pub fn default_security_group(&self) -> Value<String> {
        self.vpc.get(ec2::Vpc::DEFAULT_SECURITY_GROUP)
    }

    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    #[must_use]
    pub fn private_subnets(&self) -> Vec<Value<String>> {
        self.zones.iter().map(Zone::private_subnet_id).collect()
    }

    /// Public and private route tables: where a gateway endpoint writes its routes.
    #[must_use]
    pub fn route_tables(&self) -> Vec<Value<String>> {
        let private = self.zones.iter().map(|zone| zone.private_routes.reference());
        std::iter::once(self.public_routes.reference()).chain(private).collect()
    }

    /// The addresses from which partners see us, which they have on their allow-lists; they are kept for that.
    #[must_use]
    pub fn nat_addresses(&self) -> Vec<Value<String>> {
        self.nat_addresses.iter().map(|address| address.get(ec2::Eip::PUBLIC_IP)).collect()
    }
}

impl Zone {
    fn new(
        scope: &mut Scope<'_>,
        vpc: &Handle<ec2::Vpc>,
        public_routes: &Handle<ec2::RouteTable>,
        name: &str,
        props: &ZoneProps,
    ) -> Self {
        let letter = props.letter;
        let public_subnet =
            subnet(scope, vpc, letter, "PublicSubnet", &props.public_cidr, format!("{name}-public-{letter}"));
        let private_subnet =
            subnet(scope, vpc, letter, "PrivateSubnet", &props.private_cidr, format!("{name}-private-{letter}"));
        let private_routes = route_table(scope, vpc, name, &format!("private-{letter}"));
        scope.add(
            "PublicRoutesAssociation",
            ec2::SubnetRouteTableAssociation::new(public_routes.reference(), public_subnet.reference()),
        );
        scope.add(
            "PrivateRoutesAssociation",
            ec2::SubnetRouteTableAssociation::new(private_routes.reference(), private_subnet.reference()),
        );
        Self { letter, public_subnet, private_subnet, private_routes }
    }

    fn id(&self) -> String {
        zone_id(self.letter)
    }

    #[must_use]
    pub const fn letter(&self) -> char {
        self.letter
    }

    #[must_use]
    pub fn private_subnet_id(&self) -> Value<String> {
        self.private_subnet.reference()
    }
}

fn zone_id(letter: char) -> String {
    format!("Zone{}", letter.to_ascii_uppercase())
}

fn nat_name(network: &str, zone: &Zone) -> String {
    format!("{network}-nat-{}", zone.letter)
}

const ANYWHERE: &str = "0.0.0.0/0";

fn subnet(
    scope: &mut Scope<'_>,
    vpc: &Handle<ec2::Vpc>,
    letter: char,
    id: &str,
    cidr: &str,
    name: String,
) -> Handle<ec2::Subnet> {
    let zone = Value::substitute(&format!("${{AWS::Region}}{letter}"), []);
    scope.add(
        id,
        ec2::Subnet {
            availability_zone: Some(zone),
            cidr_block: Some(cidr.into()),
            map_public_ip_on_launch: Some(false.into()),
            tags: Some(vec![ec2::subnet::Tag::new("Name", name)]),
            ..ec2::Subnet::new(vpc.reference())
        },
    )
}

fn route_table(scope: &mut Scope<'_>, vpc: &Handle<ec2::Vpc>, name: &str, label: &str) -> Handle<ec2::RouteTable> {
    let id = if label == "public" { "PublicRoutes" } else { "PrivateRoutes" };
    scope.add(
        id,
        ec2::RouteTable {
            tags: Some(vec![ec2::route_table::Tag::new("Name", format!("{name}-{label}"))]),
            ..ec2::RouteTable::new(vpc.reference())
        },
    )
}
