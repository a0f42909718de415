//! What says which region serves.

/// The namespace of como's own metrics about where traffic goes.
pub const NAMESPACE: &str = "Como/Failover";
/// 1 while the stand-in serves, written every minute by whoever moved the traffic; nothing otherwise.
pub const STAND_IN_SERVES: &str = "StandInServes";
/// The dimension that names the environment that is stood in for.
pub const ENVIRONMENT_DIMENSION: &str = "Environment";
