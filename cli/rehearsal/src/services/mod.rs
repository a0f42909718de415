//! The services behind CloudFormation.
//!
//! `Services::open(HostingOptions) -> Result<Arc<Services>, OpenServicesError>` loads the state and starts what was
//! running; `Services` implements [`crate::hosting::Hosted`].
