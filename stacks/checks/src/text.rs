//! A report for people.

use crate::check::Report;
use crate::finding::{Finding, Verdict};
use crate::rule::Rule;
use std::fmt::{self, Write as _};

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.stack)?;
        if !self.construct.is_empty() {
            write!(formatter, " {} ({})", self.construct, self.logical_id)?;
        }
        if !self.property.is_empty() {
            write!(formatter, " {}", self.property)?;
        }
        write!(formatter, ": {}", self.message)?;
        match &self.verdict {
            Verdict::Open => Ok(()),
            Verdict::Accepted { reason } => write!(formatter, " (accepted: {reason})"),
        }
    }
}

impl Report {
    /// The open findings, the worst rules first, each rule once with its remedy; empty when there are none.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut rules: Vec<&'static Rule> = Vec::new();
        for finding in self.open() {
            if !rules.iter().any(|rule| std::ptr::eq(*rule, finding.rule)) {
                rules.push(finding.rule);
            }
        }
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.severity));
        let mut text = String::new();
        for rule in rules {
            // Writing to a text cannot fail.
            let _infallible = writeln!(text, "{}: {} [{}]", rule.severity.name(), rule.title, rule.ids.join(", "));
            for finding in self.open().filter(|finding| std::ptr::eq(finding.rule, rule)) {
                let _infallible = writeln!(text, "  {finding}");
            }
            let _infallible = writeln!(text, "  remedy: {}", rule.remedy);
        }
        text
    }

    /// For example `121 resources, 3 findings, 17 accepted with a reason`.
    #[must_use]
    pub fn summary(&self) -> String {
        let open = self.open().count();
        let accepted = self.findings.len() - open;
        let count = |number: usize, what: &str| {
            let plural = if number == 1 { "" } else { "s" };
            format!("{number} {what}{plural}")
        };
        let resources = count(self.resources, "resource");
        format!("{resources}, {}, {accepted} accepted with a reason", count(open, "finding"))
    }
}
