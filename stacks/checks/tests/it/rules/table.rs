//! Every case of every file.

use super::{
    account, api, cloudfront, compute, data, firewall, functions, limits, names, network, privilege, registry, schema,
    site,
};
use crate::support::Case;

pub(crate) fn all() -> Vec<Case> {
    let files = [
        account::cases,
        api::cases,
        cloudfront::cases,
        compute::cases,
        data::cases,
        firewall::cases,
        functions::cases,
        limits::cases,
        names::cases,
        network::cases,
        privilege::cases,
        registry::cases,
        schema::cases,
        site::cases,
    ];
    files.into_iter().flat_map(|cases| cases()).collect()
}
