mod creation;
mod deletion;
mod failure;
mod intrinsics;
mod protocol;
mod refusal;
