//! From templates to what is in the picture.

mod access;
mod cards;
mod error;
mod flows;
mod network;
mod presence;
mod read;
mod replicas;

pub use error::SurveyError;
pub use read::survey;
