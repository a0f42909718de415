//! The published list of what can go wrong: `docs/api-errors.md`, written from the codes themselves.

use std::fmt::Write as _;

use crate::problem::{Code, problem_uri};

const INTRODUCTION: &str = "\
# Errors of the API

Every error is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Match on `code`, which is stable
and the end of `type`; title and detail are for people and may change. `errors` names each mistaken field by its path. `request_id`
is also the header `x-request-id`: name it when you ask for help. With `Retry-After` the same request may be repeated after so many
seconds; a POST under the same `Idempotency-Key`, so that it has its effect once.

This page is written from the code: `COMO_BLESS=1 cargo test -p como-runtime --test it catalogue`.
";

/// The page as it should be.
#[must_use]
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| status | code | what it means | what to do |\n|---|---|---|---|\n");
    for code in Code::ALL {
        let (status, text) = (code.status().as_u16(), code.text());
        // Writing to a text cannot fail.
        let _ = writeln!(page, "| {status} | `{text}` | {} | {} |", code.title(), code.advice());
    }
    let example = problem_uri(Code::QuoteExpired);
    let _ = writeln!(page, "\nThe `type` of a problem is `{example}`, with its own code at the end.");
    page
}

/// All codes, for whoever checks that a document names no other.
#[must_use]
pub fn codes() -> Vec<&'static str> {
    Code::ALL.iter().map(|code| code.text()).collect()
}
