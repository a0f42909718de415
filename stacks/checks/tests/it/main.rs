//! The rules, one by one and together.

mod support;
