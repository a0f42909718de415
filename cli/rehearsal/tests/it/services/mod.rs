//! The hosted services, behind their port and over their wire forms.

mod adoption;
mod autoscaling;
mod cloud;
mod cognito;
mod cognito_flows;
mod declared;
mod dynamodb;
mod dynamodb_items;
mod ecr;
mod ecs;
mod ecs_health;
mod ecs_rollout;
mod every_type;
mod fail_over;
mod global_tables;
mod kms;
mod parameters;
mod public_door;
mod reading;
mod s3;
mod secret_replicas;
mod secrets;
mod sqs;
mod stand_in;
mod watching;
