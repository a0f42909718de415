mod journals;
mod merging;
mod money;
mod mutants;
mod random;
mod scenarios;
mod search;
mod world;
