mod change_sets;
mod creation;
mod deletion;
mod failure;
mod intrinsics;
mod protocol;
mod refusal;
mod updates;
