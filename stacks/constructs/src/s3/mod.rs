//! Object storage.

mod bucket;
mod log_bucket;
mod policy;

pub use bucket::{Bucket, BucketProps, Encryption, Reader};
pub use log_bucket::{LogBucket, LogBucketProps, LogWriter};
