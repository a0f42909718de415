//! What people see: events are counted by the board, drawn by the tree, and shown live or a line each.

pub(crate) mod board;
pub(crate) mod changes;
pub(crate) mod clients;
pub(crate) mod cost;
pub(crate) mod lines;
pub(crate) mod live;
pub(crate) mod report;
pub(crate) mod status;
pub(crate) mod text;
pub(crate) mod tree;
