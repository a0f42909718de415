//! Faults on cue: which calls are hit, and how. Rules are judged in order, the first that applies hits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// One switch; everything but the mode may be left out.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) mode: Mode,
    /// On which side of the effect the fault strikes.
    #[serde(default)]
    pub(crate) when: When,
    /// For example `POST`; all methods when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Only calls whose path starts so are hit; all when it is empty.
    #[serde(default)]
    path_prefix: String,
    /// Only calls whose path has this in it.
    #[serde(default)]
    path_contains: String,
    /// For `slow` and `slow_in_flight`.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// For `fail` and `fail_stored`.
    #[serde(default = "unavailable")]
    pub(crate) status: u16,
    /// For `overloaded`.
    #[serde(default = "one")]
    pub(crate) retry_after_s: u64,
    /// The first call that is hit, of those that match; counted from 1.
    #[serde(default = "one")]
    nth: u64,
    /// How many are hit; all from then on when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Of a hundred calls that match, about so many are hit: always the same ones under the same seed.
    #[serde(default = "hundred")]
    probability_percent: u64,
    #[serde(default)]
    seed: u64,
}

const fn unavailable() -> u16 {
    503
}

const fn one() -> u64 {
    1
}

const fn hundred() -> u64 {
    100
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    #[default]
    None,
    /// 503.
    Down,
    /// The rule's status.
    Fail,
    /// Answers rightly, later. Before the effect: the effect comes late too, even if the caller has hung up by then.
    Slow,
    /// Hangs up without a word.
    Reset,
    /// 429 with `Retry-After`.
    Overloaded,
    /// 200 with half a JSON document.
    Malformed,
    /// Half the answer, then hangs up.
    Truncated,
    /// Stripe: a 500 (or the rule's status) that is stored under the idempotency key; after the effect, or instead of it.
    FailStored,
    /// Stripe: the effect takes its time while the idempotency key is in use.
    SlowInFlight,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Down => "down",
            Self::Fail => "fail",
            Self::Slow => "slow",
            Self::Reset => "reset",
            Self::Overloaded => "overloaded",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::FailStored => "fail_stored",
            Self::SlowInFlight => "slow_in_flight",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// Nothing happens at the partner.
    #[default]
    Before,
    /// It has happened, and the caller does not learn of it.
    After,
}

/// What a person or a test sends: one rule or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Rules {
    One(Box<Rule>),
    Several(Vec<Rule>),
}

/// A rule and what it has seen so far.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Armed {
    #[serde(flatten)]
    rule: Rule,
    matched: u64,
    hits: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Armed>>,
}

impl Faults {
    /// In place of all earlier ones.
    pub(crate) fn set(&self, rules: Rules) {
        let rules = match rules {
            Rules::One(rule) => vec![*rule],
            Rules::Several(rules) => rules,
        };
        let armed = rules.into_iter().filter(|rule| rule.mode != Mode::None);
        *self.lock() = armed.map(|rule| Armed { rule, matched: 0, hits: 0 }).collect();
    }

    pub(crate) fn armed(&self) -> Vec<Armed> {
        self.lock().clone()
    }

    /// The fault for one call; asking counts.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<Rule> {
        self.lock().iter_mut().find_map(|armed| armed.strikes(method, path).then(|| armed.rule.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    fn strikes(&mut self, method: &str, path: &str) -> bool {
        let rule = &self.rule;
        let is_method = rule.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        if !is_method || !path.starts_with(&rule.path_prefix) || !path.contains(&rule.path_contains) {
            return false;
        }
        self.matched += 1;
        let is_due = rule.nth <= self.matched && rule.count.is_none_or(|count| self.hits < count);
        let is_hit = is_due && dice(rule.seed, self.matched) % 100 < rule.probability_percent;
        self.hits += u64::from(is_hit);
        is_hit
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same number for the same seed and call, on every machine.
pub(crate) fn dice(seed: u64, call: u64) -> u64 {
    let mut mixed = seed.wrapping_add(call.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn hits(rules: Value, calls: u64) -> Vec<u64> {
        let faults = Faults::default();
        faults.set(serde_json::from_value(rules).unwrap());
        (1..=calls).filter(|_| faults.strike("POST", "/v1/refunds").is_some()).collect()
    }

    #[test]
    fn calls_are_hit_by_number_count_route_and_chance() {
        assert_eq!(hits(json!({ "mode": "reset", "nth": 3, "count": 2 }), 9), [3, 4]);
        assert_eq!(hits(json!({ "mode": "reset", "method": "get" }), 9), Vec::<u64>::new());
        assert_eq!(hits(json!({ "mode": "reset", "path_contains": "refund", "count": 1 }), 9), [1]);
        assert_eq!(
            hits(json!([{ "mode": "none" }, { "mode": "down", "path_prefix": "/v1/charges" }]), 9),
            Vec::<u64>::new()
        );
        let chance = json!({ "mode": "down", "probability_percent": 30, "seed": 7 });
        let hit = hits(chance.clone(), 1_000);
        assert_eq!(hit, hits(chance, 1_000), "the same seed hits the same calls");
        assert!((240..360).contains(&hit.len()), "{}", hit.len());
    }
}
