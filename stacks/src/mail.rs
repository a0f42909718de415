//! The domain that members' mails come from, and who hears of those that do not arrive.
//!
//! Each region has a sender of its own, whose signing keys stand beside the other's in the one zone.

use crate::messaging::Messaging;
use crate::naming;
use como_config::Environment;
use como_constructs::cloudwatch::{Alarm, AlarmProps, Metric, Statistic, When, WithoutData};
use como_constructs::kms::Key;
use como_constructs::route53::HostedZone;
use como_constructs::ses::{Sender, SenderProps};
use como_constructs::sns::{Publisher, Topic, TopicProps};
use como_core::stack::{Scope, Stack};

/// SES puts an account under review at 5 % of bounces and at 0.1 % of complaints; this is before that.
/// <https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html>
const BOUNCES: f64 = 0.03;
const COMPLAINTS: f64 = 0.0007;

pub(crate) fn mail(environment: &Environment, zone: &HostedZone, key: &Key, messaging: &Messaging) -> (Stack, Sender) {
    let mut stack = naming::stack(environment, "mail", "COMO: the sender of members' mails");
    let mut scope = stack.scope();
    let events = Topic::new(
        &mut scope,
        "Events",
        TopicProps {
            name: naming::name(environment, "mail-events"),
            key,
            publishers: &[Publisher::Ses],
            emails: vec![environment.alerts().email().as_str().to_owned()],
        },
    );
    let props = SenderProps { zone, configuration_set: naming::name(environment, ""), events: &events };
    let sender = Sender::new(&mut scope, "Sender", props);
    alarms(&mut scope, environment, messaging);
    (stack, sender)
}

/// What SES says of the account's reputation in the region, from which all mails of the region suffer.
fn alarms(scope: &mut Scope<'_>, environment: &Environment, messaging: &Messaging) {
    for (id, label, metric, threshold, description) in [
        ("Bounces", "mail-bounces", "Reputation.BounceRate", BOUNCES, "Too many mails come back: see the bounced ones"),
        (
            "Complaints",
            "mail-complaints",
            "Reputation.ComplaintRate",
            COMPLAINTS,
            "Too many members call our mails unwanted: see the complaints",
        ),
    ] {
        let props = AlarmProps {
            name: naming::name(environment, label),
            description: description.to_owned(),
            measure: Metric {
                namespace: "AWS/SES",
                name: metric,
                statistic: Statistic::Maximum,
                dimensions: Vec::new(),
            }
            .into(),
            when: When::AtLeast(threshold),
            minutes: 1,
            of: 1,
            // It is told now and then only.
            without_data: WithoutData::Unchanged,
            tell: Some(&messaging.alerts),
        };
        Alarm::new(scope, id, props);
    }
}
