//! Alarms and dashboards.

mod alarm;
mod composite;
mod dashboard;

pub use alarm::{Alarm, AlarmProps, Measure, Metric, Statistic, When, WithoutData};
pub use composite::{AnyOfProps, any_of};
pub use dashboard::{DashboardProps, Line, Widget, dashboard};
