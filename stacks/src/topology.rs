//! The stacks of an environment, put together.

use crate::primary::primary;
use crate::standby::standby;
use como_config::Environment;
use como_contract::service::{Definition, Service};
use como_core::app::App;
use como_core::assembly::Assembly;
use como_core::stack::Mistake;

/// The ECR repository of the one image that all services run.
pub const IMAGE_REPOSITORY: &str = "como/runtime";

/// Everything that `environment` has on AWS, its stacks in the order of their deployment.
///
/// # Errors
/// Every mistake in the constructs at once. An environment cannot cause one: what it may say has been checked before.
pub fn app(environment: &Environment) -> Result<Assembly, Vec<Mistake>> {
    app_with(environment, &Service::ALL.map(Service::definition))
}

/// As [`app`], with other services than those of the contract. One whose block the environment was not read for is left out.
///
/// # Errors
/// As [`app`]; two services of one name or priority are such a mistake.
pub fn app_with(environment: &Environment, services: &[&'static Definition]) -> Result<Assembly, Vec<Mistake>> {
    let mut app = App::new();
    match environment.standby() {
        None => primary(environment, services).stacks.into_iter().for_each(|stack| app.add(stack)),
        Some(role) => {
            let of = primary(role.of(), services);
            standby(environment, role, &of, services).into_iter().for_each(|stack| app.add(stack));
            of.stacks.into_iter().for_each(|stack| app.add_deployed(stack));
        }
    }
    app.synthesise()
}
