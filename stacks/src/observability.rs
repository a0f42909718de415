//! What calls a person: alarms, one for all that members notice, the dashboard, the budget.

use crate::compute::Door;
use crate::data::Data;
use crate::messaging::{self, Messaging};
use crate::naming;
use crate::service::{Deployed, FAILED_ANSWERS};
use como_config::Environment;
use como_constructs::budgets::{BudgetProps, monthly_budget};
use como_constructs::cloudwatch::{
    Alarm, AlarmProps, AnyOfProps, DashboardProps, Line, Measure, Metric, Statistic, When, Widget, WithoutData, any_of,
    dashboard,
};
use como_constructs::elb::TargetGroup;
use como_contract::metric;
use como_contract::service::Definition;
use como_core::stack::{Scope, Stack};

/// What is watched.
pub(crate) struct Watched<'a> {
    pub(crate) data: &'a Data,
    pub(crate) messaging: &'a Messaging,
    pub(crate) door: &'a Door,
    pub(crate) services: &'a [Deployed],
}

/// A page that takes longer than this has lost the member; measured at the load balancer, partners included.
const SLOW_ANSWER_S: f64 = 3.0;
/// Autoscaling aims far below; what is here nevertheless cannot be scaled away.
const BUSY_PERCENT: f64 = 85.0;
/// Partners fail now and then, and calls are repeated; this is no longer now and then.
const PARTNER_FAILURES: f64 = 10.0;

pub(crate) fn observability(environment: &Environment, watched: &Watched<'_>) -> Stack {
    let mut stack = naming::stack(environment, "observability", "COMO: alarms, dashboard, budget");
    let mut scope = stack.scope();
    let mut watch = Watch { scope: &mut scope, environment, watched };
    let mut noticed: Vec<Alarm> = watch.api();
    for deployed in watched.services {
        noticed.extend(watch.service(deployed));
    }
    watch.effects();
    watch.tables();
    watch.partners();
    any_of(
        &mut scope,
        "ServiceTrouble",
        &AnyOfProps {
            name: naming::name(environment, "trouble"),
            description: "Members notice: requests fail, are slow, or have no healthy task to go to",
            alarms: noticed.iter().collect(),
            tell: &watched.messaging.alerts,
        },
    );
    let widgets = widgets(environment, watched);
    dashboard(&mut scope, "Dashboard", &DashboardProps { name: naming::name(environment, ""), widgets });
    let name = environment.name().as_str();
    let alerts = environment.alerts();
    // A stand-in's costs belong to whom it stands in for, whose budget is in the same account.
    if environment.standby().is_none() {
        let props = BudgetProps {
            name: naming::name(environment, "monthly"),
            monthly_usd: alerts.monthly_budget().get(),
            tag: (naming::ENVIRONMENT_TAG, name),
            email: alerts.email().as_str(),
        };
        monthly_budget(&mut scope, "Budget", &props);
    }
    stack
}

/// Puts alarms into the stack.
struct Watch<'a, 'b, 'c> {
    scope: &'a mut Scope<'b>,
    environment: &'a Environment,
    watched: &'a Watched<'c>,
}

/// What differs between alarms.
struct Trouble {
    /// As a construct, and what ends the name of the alarm.
    id: &'static str,
    label: String,
    description: String,
    measure: Measure,
    when: When,
    /// So many of so many minutes.
    minutes: (i64, i64),
    without_data: WithoutData,
}

impl Watch<'_, '_, '_> {
    fn add(&mut self, scope_id: &str, trouble: Trouble, tell: bool) -> Alarm {
        let props = AlarmProps {
            name: naming::name(self.environment, &trouble.label),
            description: trouble.description,
            measure: trouble.measure,
            when: trouble.when,
            minutes: trouble.minutes.0,
            of: trouble.minutes.1,
            without_data: trouble.without_data,
            tell: tell.then_some(&self.watched.messaging.alerts),
        };
        Alarm::new(&mut self.scope.child(scope_id), trouble.id, props)
    }

    /// The alarms of what members notice tell nobody by themselves: one call for one trouble.
    fn api(&mut self) -> Vec<Alarm> {
        let failing = Trouble {
            id: "Failing",
            label: "api-failing".to_owned(),
            description: "The API answers with errors of its own: see the access log and the load balancer".to_owned(),
            measure: api(self.environment, "5XXError", Statistic::Sum).into(),
            when: When::AtLeast(FAILED_ANSWERS),
            minutes: (3, 5),
            without_data: WithoutData::Fine,
        };
        let slow = Trouble {
            id: "Slow",
            label: "api-slow".to_owned(),
            description: "One request in a hundred takes too long: see the partners' charts first".to_owned(),
            measure: api(self.environment, "Latency", Statistic::P99).into(),
            when: When::AtLeast(SLOW_ANSWER_S * 1000.0),
            minutes: (5, 10),
            without_data: WithoutData::Fine,
        };
        vec![self.add("Api", failing, false), self.add("Api", slow, false)]
    }

    fn service(&mut self, deployed: &Deployed) -> Vec<Alarm> {
        let Some(targets) = &deployed.targets else { return Vec::new() };
        let (service, door) = (deployed.service, self.watched.door);
        let id = naming::pascal_case(service.name);
        let trouble = |id, what: &str, description: String, measure: Metric, when, minutes| Trouble {
            id,
            label: format!("{}-{what}", service.name),
            description,
            measure: measure.into(),
            when,
            minutes,
            without_data: WithoutData::Fine,
        };
        let name = service.name;
        let failing = trouble(
            "Failing",
            "failing",
            format!("{name} answers with errors: see its log"),
            load_balancing(door, targets, "HTTPCode_Target_5XX_Count", Statistic::Sum),
            When::AtLeast(FAILED_ANSWERS),
            (3, 5),
        );
        let slow = trouble(
            "Slow",
            "slow",
            format!("{name} takes too long for one request in a hundred"),
            load_balancing(door, targets, "TargetResponseTime", Statistic::P99),
            When::AtLeast(SLOW_ANSWER_S),
            (5, 10),
        );
        let unhealthy = trouble(
            "Unhealthy",
            "unhealthy",
            format!("{name} has tasks that do not answer their health check: see its stopped tasks"),
            load_balancing(door, targets, "UnHealthyHostCount", Statistic::Maximum),
            When::AtLeast(1.0),
            (3, 5),
        );
        for (alarm, what, metric) in [("Busy", "cpu", "CPUUtilization"), ("Full", "memory", "MemoryUtilization")] {
            let description =
                format!("{name} uses nearly all its {what}: it has as many tasks as it may, or one runs wild");
            let measure = task(self.environment, service, metric);
            let busy = trouble(alarm, what, description, measure, When::AtLeast(BUSY_PERCENT), (10, 10));
            self.add(&id, busy, true);
        }
        [failing, slow, unhealthy].map(|trouble| self.add(&id, trouble, false)).into()
    }

    fn effects(&mut self) {
        let manual = Trouble {
            id: "Manual",
            label: "manual-actions".to_owned(),
            description: "A member waits for points or money that only a person can give back".to_owned(),
            measure: own(self.environment, metric::OPEN_ACTIONS, Statistic::Maximum, None).into(),
            when: When::AtLeast(1.0),
            minutes: (1, 1),
            without_data: WithoutData::Unchanged,
        };
        self.add("Effects", manual, true);
    }

    fn tables(&mut self) {
        for (name, _) in self.watched.data.tables() {
            let throttled = Trouble {
                id: "Throttled",
                label: format!("table-{name}-throttled"),
                description: format!("DynamoDB turns requests to the table {name} away: one key is too hot"),
                measure: Measure::Sum(throttles(self.environment, name)),
                when: When::AtLeast(1.0),
                minutes: (3, 5),
                without_data: WithoutData::Fine,
            };
            self.add(&format!("Table{}", naming::pascal_case(name)), throttled, true);
        }
    }

    fn partners(&mut self) {
        for partner in metric::PARTNERS {
            let failing = Trouble {
                id: "Failing",
                label: format!("{partner}-failing"),
                description: format!("Calls to {partner} fail: requests are queued or answered in part meanwhile"),
                measure: own(self.environment, metric::PARTNER_ERRORS, Statistic::Sum, Some(partner)).into(),
                when: When::AtLeast(PARTNER_FAILURES),
                minutes: (3, 5),
                without_data: WithoutData::Fine,
            };
            self.add(&naming::pascal_case(partner), failing, true);
        }
    }
}

fn widgets(environment: &Environment, watched: &Watched<'_>) -> Vec<Widget> {
    let line = |label: &str, metric: Metric| Line { label: label.to_owned(), metric };
    let chart = |title: &str, lines: Vec<Line>| Widget { title: title.to_owned(), lines };
    let for_services = |metric: &dyn Fn(&Definition, &TargetGroup) -> Metric| -> Vec<Line> {
        let serving =
            watched.services.iter().filter_map(|deployed| Some((deployed.service, deployed.targets.as_ref()?)));
        serving.map(|(service, targets)| line(service.name, metric(service, targets))).collect()
    };
    let balanced = |name: &'static str, statistic| {
        for_services(&|_, targets: &TargetGroup| load_balancing(watched.door, targets, name, statistic))
    };
    let used = |name: &'static str| for_services(&|service, _| task(environment, service, name));
    let (effects, dead) = (watched.messaging.effects.name(), watched.messaging.dead_effects.name());
    let partners = metric::PARTNERS
        .map(|partner| line(partner, own(environment, metric::PARTNER_ERRORS, Statistic::Sum, Some(partner))));
    let tables = watched.data.tables().map(|(name, _)| (name, throttles(environment, name)));
    let throttled =
        tables.into_iter().flat_map(|(name, metrics)| metrics.into_iter().map(move |metric| (name, metric)));
    vec![
        chart("Requests", vec![line("all", api(environment, "Count", Statistic::Sum))]),
        chart(
            "Failed requests",
            vec![
                line("ours", api(environment, "5XXError", Statistic::Sum)),
                line("callers'", api(environment, "4XXError", Statistic::Sum)),
            ],
        ),
        chart(
            "Time to answer, ms",
            vec![
                line("99 of 100", api(environment, "Latency", Statistic::P99)),
                line("mean", api(environment, "Latency", Statistic::Average)),
            ],
        ),
        chart("Requests by service", balanced("RequestCount", Statistic::Sum)),
        chart("Errors by service", balanced("HTTPCode_Target_5XX_Count", Statistic::Sum)),
        chart("Slowest by service, s", balanced("TargetResponseTime", Statistic::P99)),
        chart("Healthy tasks", balanced("HealthyHostCount", Statistic::Minimum)),
        chart("CPU, %", used("CPUUtilization")),
        chart("Memory, %", used("MemoryUtilization")),
        chart("Failed partner calls", partners.into()),
        chart(
            "Effects",
            vec![
                line("waiting", messaging::metric(effects, "ApproximateNumberOfMessagesVisible")),
                line("dead", messaging::metric(dead, "ApproximateNumberOfMessagesVisible")),
            ],
        ),
        chart("Throttled table requests", throttled.map(|(name, metric)| line(name, metric)).collect()),
    ]
}

fn api(environment: &Environment, name: &'static str, statistic: Statistic) -> Metric {
    let stage = environment.name().as_str();
    let dimensions = vec![("ApiName", naming::name(environment, "").into()), ("Stage", stage.into())];
    Metric { namespace: "AWS/ApiGateway", name, statistic, dimensions }
}

fn load_balancing(door: &Door, targets: &TargetGroup, name: &'static str, statistic: Statistic) -> Metric {
    let dimensions = vec![("LoadBalancer", door.load_balancer.full_name()), ("TargetGroup", targets.full_name())];
    Metric { namespace: "AWS/ApplicationELB", name, statistic, dimensions }
}

fn task(environment: &Environment, service: &Definition, name: &'static str) -> Metric {
    let dimensions = vec![("ClusterName", naming::name(environment, "").into()), ("ServiceName", service.name.into())];
    Metric { namespace: "AWS/ECS", name, statistic: Statistic::Average, dimensions }
}

/// A table has the name of the environment whose data it is.
fn throttles(environment: &Environment, table: &str) -> Vec<Metric> {
    let dimensions = vec![("TableName", naming::name(environment.primary(), table).into())];
    let metric =
        |name| Metric { namespace: "AWS/DynamoDB", name, statistic: Statistic::Sum, dimensions: dimensions.clone() };
    vec![metric("ReadThrottleEvents"), metric("WriteThrottleEvents")]
}

fn own(environment: &Environment, name: &'static str, statistic: Statistic, partner: Option<&str>) -> Metric {
    // As the tasks are started: with the name of the environment whose data they work with.
    let environment = (metric::ENVIRONMENT, environment.primary().name().as_str().into());
    let partner = partner.map(|partner| (metric::PARTNER, partner.into()));
    Metric {
        namespace: metric::NAMESPACE,
        name,
        statistic,
        dimensions: std::iter::once(environment).chain(partner).collect(),
    }
}
