//! The way from API Gateway into the VPC.

use crate::ec2::SecurityGroup;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::apigatewayv2;

/// A VPC link of the second version, which leads REST APIs straight to an Application Load Balancer.
///
/// Subnets and groups cannot be changed afterwards. After 60 days without a request AWS takes its network interfaces away,
/// and the first requests after that fail for some minutes.
#[derive(Debug, Clone)]
pub struct VpcLink {
    handle: Handle<apigatewayv2::VpcLink>,
}

#[derive(Debug)]
pub struct VpcLinkProps<'a> {
    pub name: String,
    pub subnets: Vec<Value<String>>,
    pub guard: &'a SecurityGroup,
}

impl VpcLink {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: VpcLinkProps<'_>) -> Self {
        let link = apigatewayv2::VpcLink {
            security_group_ids: Some([props.guard.id()].into()),
            ..apigatewayv2::VpcLink::new(props.name, props.subnets)
        };
        Self { handle: scope.add(id, link) }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }
}
