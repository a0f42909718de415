//! One page: everything that can be asked, with charts, and nothing that has to be fetched or run.

mod chart;
mod page;
mod svg;
mod tables;

pub(crate) use page::html;
