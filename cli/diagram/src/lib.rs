//! The architecture as a picture: templates in, SVG or Mermaid out.
//!
//! Invariants:
//! - what is drawn follows from the templates: regions from stacks, places from references, arrows from routes, integrations,
//!   permissions and replicas; a resource that no template has is not in the picture;
//! - no IO, no clock, no randomness: the same assemblies give the same bytes;
//! - no two texts overlap and no arrow runs through a text, in the widths of a wide common font, so that narrower ones fit.
//!
//! Must not know: COMO's names and stacks (`como-stacks`), the environment's file, how a picture reaches a screen.

mod icons;
mod landscape;
mod layout;
pub mod mermaid;
pub mod picture;
pub mod scene;
mod style;
mod survey;
pub mod svg;
pub mod text;
mod words;

pub use layout::compose;
pub use survey::{SurveyError, survey};
