//! Sagas as the services run them: the driver behind [`como_domain::sagas::Sagas`], the calls that it makes, the queue's
//! worker and the sweeper. What is decided is the domain's; here it is done.

mod alone;
mod calls;
mod driver;
mod look;
mod perform;
mod reading;
mod renewal;
mod sweeper;
mod turns;
mod worker;

pub use alone::Alone;
pub use calls::{CardPages, Partners};
pub use driver::{ArcDriver, Driver, DriverPorts, Next};
pub use renewal::Votes;
pub use sweeper::sweep_until;
pub use worker::work_until;
