//! Sagas over a hosted DynamoDB and the partners' doubles, judged by the doubles' books and not by our own.

mod cards;
mod crashes;
mod crowds;
mod ends;
mod fakes;
mod leases;
mod regions;
mod stores;
mod tables;
mod world;
