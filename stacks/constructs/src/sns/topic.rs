//! Topics: one says something, many hear it.

use crate::iam::{Condition, Principal, Statement, policy_document};
use crate::kms::Key;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::sns;

/// A topic, encrypted with a customer key, that takes nothing without TLS.
#[derive(Debug, Clone)]
pub struct Topic {
    handle: Handle<sns::Topic>,
}

#[derive(Debug)]
pub struct TopicProps<'a> {
    pub name: String,
    /// Its policy must let in the publishers; see [`let_topics_use_key`].
    pub key: &'a Key,
    pub publishers: &'a [Publisher],
    /// AWS asks each for consent before it sends anything else.
    pub emails: Vec<String>,
}

/// A service of AWS that publishes by itself, on behalf of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    Backup,
    CloudWatch,
    Ses,
}

impl Topic {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: TopicProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let subscriptions: Vec<_> =
            props.emails.into_iter().map(|email| sns::topic::Subscription::new(email, "email")).collect();
        let handle = scope.add(
            "Resource",
            sns::Topic {
                topic_name: Some(props.name.into()),
                kms_master_key_id: Some(props.key.arn()),
                subscription: (!subscriptions.is_empty()).then_some(subscriptions),
                ..sns::Topic::new()
            },
        );
        let tls_only =
            Statement { actions: vec!["sns:Publish"], ..Statement::tls_only("sns:Publish", [handle.reference()]) };
        let publishers = props.publishers.iter().map(|publisher| Statement {
            principal: Some(Principal::Service(publisher.principal().into())),
            conditions: vec![Condition::own_account("aws:SourceAccount")],
            ..Statement::allow(["sns:Publish"], [handle.reference()])
        });
        let statements: Vec<Statement> = std::iter::once(tls_only).chain(publishers).collect();
        scope.add("Policy", sns::TopicPolicy::new(policy_document(&statements), [handle.reference()]));
        Self { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }
}

impl Publisher {
    const fn principal(self) -> &'static str {
        match self {
            Self::Backup => "backup.amazonaws.com",
            Self::CloudWatch => "cloudwatch.amazonaws.com",
            Self::Ses => "ses.amazonaws.com",
        }
    }
}

/// For a key's policy: lets the publishers encrypt what they send to the account's topics whose names begin with `prefix`,
/// and nothing else. The topic's ARN is the encryption context that SNS sends.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
#[must_use]
pub fn let_topics_use_key(publishers: &[Publisher], prefix: &str) -> Vec<Statement> {
    let topics = format!("arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{prefix}*");
    let only = Condition {
        operator: "ArnLike",
        key: "kms:EncryptionContext:aws:sns:topicArn",
        values: vec![Value::substitute(&topics, [])],
    };
    let statement = |publisher: &Publisher| Statement {
        principal: Some(Principal::Service(publisher.principal().into())),
        conditions: vec![only.clone()],
        ..Statement::allow(["kms:Decrypt", "kms:GenerateDataKey"], ["*".into()])
    };
    publishers.iter().map(statement).collect()
}
