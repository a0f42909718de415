use crate::support::{guard, key, network, only, template};
use como_constructs::budgets::{BudgetProps, monthly_budget};
use como_constructs::cloudwatch::{
    Alarm, AlarmProps, AnyOfProps, DashboardProps, Line, Measure, Metric, Statistic, When, Widget, WithoutData, any_of,
    dashboard,
};
use como_constructs::dax::{Cluster, ClusterProps, reading_role};
use como_constructs::dynamodb::Table;
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::sns::{Publisher, Topic, TopicProps, let_topics_use_key};
use como_core::stack::Scope;
use como_core::value::{Pseudo, Value};

fn topic(scope: &mut Scope<'_>) -> Topic {
    let props = KeyProps {
        description: "A key",
        alias: "test-topics".to_owned(),
        replication: Replication::OneRegion,
        services: let_topics_use_key(&[Publisher::CloudWatch], "test-"),
    };
    let key = Key::new(scope, "TopicKey", props);
    let props = TopicProps {
        name: "test-alerts".to_owned(),
        key: &key,
        publishers: &[Publisher::CloudWatch],
        emails: vec!["ops@como.example".to_owned()],
    };
    Topic::new(scope, "Alerts", props)
}

fn metric(statistic: Statistic) -> Metric {
    let stack = Value::pseudo(Pseudo::StackName);
    Metric {
        namespace: "AWS/Test",
        name: "Errors",
        statistic,
        dimensions: vec![("Name", "a \"b\"".into()), ("Stack", stack)],
    }
}

#[test]
fn a_topic_and_its_key_let_in_the_publisher_and_nobody_else() {
    let template = template(|scope| {
        topic(scope);
    });
    insta::assert_snapshot!(only(&template, &["AWS::KMS::Key", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy"]));
}

#[test]
fn alarms_tell_somebody_and_one_stands_for_all() {
    let template = template(|scope| {
        let topic = topic(scope);
        let alarm = |scope: &mut Scope<'_>, id: &str, statistic, when, without_data| {
            let props = AlarmProps {
                name: format!("test-{id}"),
                description: "Something is wrong".to_owned(),
                measure: metric(statistic).into(),
                when,
                minutes: 3,
                of: 5,
                without_data,
                tell: Some(&topic),
            };
            Alarm::new(scope, id, props)
        };
        let errors = alarm(scope, "Errors", Statistic::Sum, When::AtLeast(5.0), WithoutData::Fine);
        let slow = alarm(scope, "Slow", Statistic::P99, When::AtLeast(2.0), WithoutData::Unchanged);
        alarm(scope, "Gone", Statistic::Minimum, When::Below(1.0), WithoutData::Wrong);
        let both = AlarmProps {
            name: "test-both".to_owned(),
            description: "Added up".to_owned(),
            measure: Measure::Sum(vec![metric(Statistic::Sum), metric(Statistic::Sum)]),
            when: When::AtLeast(1.0),
            minutes: 1,
            of: 1,
            without_data: WithoutData::Fine,
            tell: None,
        };
        Alarm::new(scope, "Both", both);
        let props = AnyOfProps {
            name: "test-service".to_owned(),
            description: "Members notice",
            alarms: vec![&errors, &slow],
            tell: &topic,
        };
        any_of(scope, "Service", &props);
    });
    insta::assert_snapshot!(only(&template, &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]));
}

#[test]
fn a_dashboard_is_json_around_its_references() {
    let template = template(|scope| {
        let line = |label: &str| Line { label: label.to_owned(), metric: metric(Statistic::Sum) };
        let widgets =
            (1..=4).map(|number| Widget { title: format!("Chart {number}"), lines: vec![line("one"), line("two")] });
        dashboard(scope, "Dashboard", &DashboardProps { name: "test".to_owned(), widgets: widgets.collect() });
    });
    let dashboard = template.resources.values().next().unwrap();
    let pieces = dashboard.properties["DashboardBody"]["Fn::Join"][1].as_array().unwrap();
    let body: String = pieces.iter().map(|piece| piece.as_str().unwrap_or("reference")).collect();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());
}

#[test]
fn a_budget_counts_what_carries_the_tag() {
    let template = template(|scope| {
        let props = BudgetProps {
            name: "test".to_owned(),
            monthly_usd: 500,
            tag: ("como:environment", "test"),
            email: "ops@como.example",
        };
        monthly_budget(scope, "Budget", &props);
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&template.resources).unwrap());
}

#[test]
fn a_cache_reads_its_tables_and_is_encrypted() {
    let template = template(|scope| {
        let (key, network) = (key(scope), network(scope, 1));
        let guard = guard(scope, &network);
        let table = Table::replica("test", &key, &[]);
        let props = ClusterProps {
            name: "test".to_owned(),
            description: "A cache",
            node_type: "dax.t3.small",
            nodes: 3,
            subnets: network.private_subnets(),
            guard: &guard,
            role: &reading_role(scope, "CacheRole", &[&table]),
        };
        Cluster::new(scope, "Cache", props);
    });
    let own: Vec<_> = template.resources.iter().filter(|(id, _)| id.starts_with("Cache")).collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&own).unwrap());
}
