//! Constructs: AWS resources by intent, one folder for each AWS service.
//!
//! Invariants:
//! - the default is the safe choice: encrypted with a customer key, private, kept when stateful, logged;
//! - a construct takes constructs, not ARNs, and a permission is given only by a `grant_*` method, which names the fewest
//!   actions and the one resource that they are for;
//! - options are structs with named fields; a property that is always the same here is not an option;
//! - a construct adds to the scope that it is given, so its logical ids follow from where it stands.
//!
//! Must not know: COMO's topology, its names or its environments (`como-stacks` puts those in).
//! How to add one: `ADDING_RESOURCES.md` beside this crate.

pub mod acm;
pub mod apigateway;
pub mod backup;
pub mod budgets;
pub mod cloudfront;
pub mod cloudwatch;
pub mod cognito;
pub mod dax;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod route53;
pub mod s3;
pub mod secretsmanager;
pub mod ses;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod wafv2;
