//! The rules of the security bar, by service.

mod account;
mod api;
mod cloudfront;
mod compute;
mod data;
mod functions;
mod network;
mod site;

use crate::rule::Rule;

pub(crate) const RULES: &[&[Rule]] = &[
    account::RULES,
    api::RULES,
    cloudfront::RULES,
    compute::RULES,
    data::RULES,
    functions::RULES,
    network::RULES,
    site::RULES,
];
