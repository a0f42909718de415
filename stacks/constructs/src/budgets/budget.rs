//! Budgets: somebody hears of money before it is spent.

use como_core::stack::Scope;
use como_resources::budgets::{self, budget};
use serde_json::json;

#[derive(Debug)]
pub struct BudgetProps<'a> {
    pub name: String,
    /// Whole US dollars a month.
    pub monthly_usd: u32,
    /// Only what carries this tag counts: key and value. The tag must be activated as a cost allocation tag.
    pub tag: (&'a str, &'a str),
    pub email: &'a str,
}

/// Told at these shares of the budget, in percent: of what was spent, and of what the month is going to cost.
const SPENT_PERCENT: f64 = 80.0;
const FORECAST_PERCENT: f64 = 100.0;

/// Tells an address when the month's costs come near their limit.
pub fn monthly_budget(scope: &mut Scope<'_>, id: &str, props: &BudgetProps<'_>) {
    let (key, value) = props.tag;
    let data = budget::BudgetData {
        budget_name: Some(props.name.as_str().into()),
        budget_limit: Some(budget::Spend::new(f64::from(props.monthly_usd), "USD")),
        cost_filters: Some(json!({ "TagKeyValue": [format!("user:{key}${value}")] }).into()),
        ..budget::BudgetData::new("COST", "MONTHLY")
    };
    let notify = |kind: &str, percent: f64| {
        let notification = budget::Notification {
            threshold_type: Some("PERCENTAGE".into()),
            ..budget::Notification::new("GREATER_THAN", kind, percent)
        };
        budget::NotificationWithSubscribers::new(notification, vec![budget::Subscriber::new(props.email, "EMAIL")])
    };
    scope.add(
        id,
        budgets::Budget {
            notifications_with_subscribers: Some(vec![
                notify("ACTUAL", SPENT_PERCENT),
                notify("FORECASTED", FORECAST_PERCENT),
            ]),
            ..budgets::Budget::new(data)
        },
    );
}
