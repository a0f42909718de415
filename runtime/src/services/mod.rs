//! One folder per microservice.

pub mod accounts;
pub mod experiences;
