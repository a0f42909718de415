//! The rules of composite alarms: `ALARM(a) AND NOT (OK("b") OR INSUFFICIENT_DATA(arn))`.

use super::state::AlarmState;
use std::collections::BTreeMap;

/// Whether a rule holds; an alarm that is not there is in no state. The error says what is wrong with the rule.
pub(super) fn holds(rule: &str, states: &BTreeMap<String, AlarmState>) -> Result<bool, String> {
    let mut reader = Reader { rest: rule.trim(), states };
    let value = reader.either()?;
    match reader.rest.trim() {
        "" => Ok(value),
        rest => Err(format!("AlarmRule must end before '{rest}'")),
    }
}

struct Reader<'a> {
    rest: &'a str,
    states: &'a BTreeMap<String, AlarmState>,
}

impl<'a> Reader<'a> {
    fn either(&mut self) -> Result<bool, String> {
        let mut value = self.both()?;
        while self.takes("OR") {
            value |= self.both()?;
        }
        Ok(value)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut value = self.one()?;
        while self.takes("AND") {
            value &= self.one()?;
        }
        Ok(value)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.takes("NOT") {
            return Ok(!self.one()?);
        }
        if self.takes("(") {
            let value = self.either()?;
            return if self.takes(")") { Ok(value) } else { Err("AlarmRule lacks a ')'".to_owned()) };
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.takes(word) {
                return Ok(value);
            }
        }
        for state in [AlarmState::InsufficientData, AlarmState::Alarm, AlarmState::Ok] {
            if self.takes(state.name()) {
                let name = self.argument()?;
                return Ok(self.states.get(name) == Some(&state));
            }
        }
        Err(format!("AlarmRule cannot have '{}' here", self.rest))
    }

    /// A name or an ARN, with or without quotes.
    fn argument(&mut self) -> Result<&'a str, String> {
        let lacks = || "AlarmRule lacks an alarm in brackets".to_owned();
        let (argument, rest) =
            self.rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(lacks)?;
        self.rest = rest;
        let argument = argument.trim().trim_matches('"');
        Ok(argument.split_once(":alarm:").map_or(argument, |(_, name)| name))
    }

    fn takes(&mut self, word: &str) -> bool {
        match self.rest.trim_start().strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::AlarmState::{Alarm, InsufficientData, Ok as Fine};
    use super::holds;
    use std::collections::BTreeMap;

    #[test]
    fn rules_are_read_as_cloudwatch_reads_them() {
        let states = [("a", Alarm), ("b", Fine), ("c", InsufficientData)];
        let states: BTreeMap<String, _> = states.map(|(name, state)| (name.to_owned(), state)).into();
        for (rule, expected) in [
            ("ALARM(a)", Ok(true)),
            ("ALARM(\"a\") AND OK(b)", Ok(true)),
            ("ALARM(b) OR ALARM(arn:aws:cloudwatch:x:1:alarm:a)", Ok(true)),
            ("NOT (OK(a) OR OK(b))", Ok(false)),
            ("INSUFFICIENT_DATA(c) AND NOT ALARM(nobody)", Ok(true)),
            ("FALSE OR TRUE", Ok(true)),
            ("ALARM(a", Err(())),
            ("SOMETHING(a)", Err(())),
        ] {
            assert_eq!(holds(rule, &states).map_err(drop), expected, "{rule}");
        }
    }
}
