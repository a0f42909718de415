//! EC2.

use crate::connect::AwsCloud;
use crate::failure::Call;
use crate::signed::{Service, Signed};
use crate::xml;
use async_trait::async_trait;
use como_engine::error::CloudError;
use como_engine::port::{GroupRule, SecurityGroups};
use reqwest::Method;

const VERSION: &str = "2016-11-15";

#[async_trait]
impl SecurityGroups for AwsCloud {
    async fn rules(&self, region: &str, group: &str) -> Result<Vec<GroupRule>, CloudError> {
        let call = Call { operation: "DescribeSecurityGroupRules", region };
        // One page: a group has at most a thousand rules, and a page as many.
        let form = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group), ("MaxResults", "1000")];
        let reply = self.ask(call, &form).await?;
        let Some((_, set)) = reply.split_once("<securityGroupRuleSet") else {
            return Err(call.unreadable("the reply has no rules"));
        };
        let rule = |item: &str| {
            let id = xml::text(item, "securityGroupRuleId")?;
            Some(match xml::text(item, "isEgress")?.as_str() {
                "true" => GroupRule::Egress(id),
                _ => GroupRule::Ingress(id),
            })
        };
        // An item may hold items of its own, so that its end is not found by name; its two fields are.
        let items = set.split("<securityGroupRuleId>").skip(1);
        let rules: Option<Vec<GroupRule>> = items.map(|item| rule(&format!("<securityGroupRuleId>{item}"))).collect();
        rules.ok_or_else(|| call.unreadable("a rule without id or direction"))
    }

    async fn revoke(&self, region: &str, group: &str, rules: &[GroupRule]) -> Result<(), CloudError> {
        for (operation, is_egress) in [("RevokeSecurityGroupIngress", false), ("RevokeSecurityGroupEgress", true)] {
            let ids = rules.iter().filter_map(|rule| match (rule, is_egress) {
                (GroupRule::Ingress(id), false) | (GroupRule::Egress(id), true) => Some(id.as_str()),
                _ => None,
            });
            let ids: Vec<(String, &str)> =
                (1..).zip(ids).map(|(index, id)| (format!("SecurityGroupRuleId.{index}"), id)).collect();
            if ids.is_empty() {
                continue;
            }
            let mut form = vec![("GroupId", group)];
            form.extend(ids.iter().map(|(name, id)| (name.as_str(), *id)));
            match self.ask(Call { operation, region }, &form).await {
                Ok(_) | Err(CloudError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl AwsCloud {
    async fn ask(&self, call: Call<'_>, form: &[(&str, &str)]) -> Result<String, CloudError> {
        let body = encode(call.operation, form);
        let request = Signed {
            call,
            service: Service::Ec2,
            method: Method::POST,
            path: "/".to_owned(),
            headers: vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
            body: body.into_bytes(),
        };
        Ok(self.signed(request).await?.text)
    }
}

fn encode(operation: &str, form: &[(&str, &str)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("Action", operation).append_pair("Version", VERSION).extend_pairs(form);
    body.finish()
}
