//! What no single crate can show; everything is in `tests/it`, and what software of others says in `tests/judges`.
