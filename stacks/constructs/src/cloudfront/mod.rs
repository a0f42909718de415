//! Pages, close to whoever looks at them.

mod distribution;
mod headers;

pub use distribution::{Distribution, DistributionProps, Origin};
pub use headers::{ResponseHeaders, ResponseHeadersProps};
