//! Spending.

mod budget;

pub use budget::{BudgetProps, monthly_budget};
