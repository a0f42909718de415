//! What the security bar names and no template can answer.
//!
//! Scanners of templates and scanners of accounts share one list of ids. What only an account knows, and when it is asked, is
//! listed here, so that an id is never missing without a reason.

/// A public id that no rule here stands for.
#[derive(Debug, Clone, Copy)]
pub struct Unanswerable {
    pub id: &'static str,
    /// Why a template does not say it, and who sees to it instead.
    pub reason: &'static str,
}

/// In the order of the services.
pub const UNANSWERABLE: &[Unanswerable] = &[
    unanswerable(
        "CloudFormation.1",
        "topics for stack events are an argument of the call that makes the stack, not of its template",
    ),
    unanswerable(
        "KMS.3",
        "it is the state of a key that somebody has scheduled for deletion; `stateful-kept` and `key-pending-window` judge what a stack could do to it",
    ),
    unanswerable(
        "SecretsManager.2",
        "whether a rotation went well is known after it; `SecretsManager.1` asks that there is one",
    ),
    unanswerable("SecretsManager.3", "when a secret was last read is known to the account alone"),
    unanswerable("CloudTrail.1", ACCOUNT),
    unanswerable("CloudTrail.2", ACCOUNT),
    unanswerable("CloudTrail.3", ACCOUNT),
    unanswerable("CloudTrail.4", ACCOUNT),
    unanswerable("CloudTrail.5", ACCOUNT),
    unanswerable("Config.1", ACCOUNT),
    unanswerable("GuardDuty.1", ACCOUNT),
];

const ACCOUNT: &str =
    "it belongs to the baseline of the account, which is there before any environment and outlives them all";

const fn unanswerable(id: &'static str, reason: &'static str) -> Unanswerable {
    Unanswerable { id, reason }
}
