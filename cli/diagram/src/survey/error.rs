//! What cannot be drawn.

use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SurveyError {
    #[error("{first} and {second} are both in {region}, and a picture has room for one VPC a region")]
    TwoNetworks { region: String, first: String, second: String },
    #[error("the templates have nothing that a picture shows")]
    Nothing,
}
