//! Certificates.

mod certificate;

pub use certificate::{Certificate, CertificateProps};
