//! The firewall in front of what the internet reaches.

mod rules;
mod web_acl;

pub use web_acl::{Defence, FIREWALL_LOG_PREFIX, InFrontOf, WebAcl, WebAclProps};
