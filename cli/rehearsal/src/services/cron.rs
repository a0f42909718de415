//! `cron(minutes hours day-of-month month day-of-week year)` as EventBridge and Application Auto Scaling write it.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>, 2026-11

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// Sunday is 1.
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIRST_YEAR: u16 = 1970;
const LAST_YEAR: u16 = 2199;
/// Days that are looked at for the next time; the longest a 29 February can be away is eight years.
const HORIZON: usize = 366 * 9;

/// A schedule by the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Vec<u16>,
    hours: Vec<u16>,
    days: Days,
    months: Vec<u16>,
    years: Vec<u16>,
}

/// Either the day of the month or that of the week counts; the other is a question mark.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<u16>),
    LastOfMonth,
    LastWorkdayOfMonth,
    /// The workday nearest to a day, within its month.
    Workday(u16),
    OfWeek(Vec<u16>),
    LastOfWeek(u16),
    /// Which one of its month.
    Nth(u16, u16),
}

impl Cron {
    /// None for what is no such schedule.
    pub(crate) fn parse(expression: &str) -> Option<Self> {
        let inner = expression.strip_prefix("cron(")?.strip_suffix(')')?;
        let fields: Vec<&str> = inner.split_whitespace().collect();
        let [minutes, hours, of_month, months, of_week, years] = fields.as_slice() else { return None };
        let days = match (*of_month, *of_week) {
            (of_month, "?") => days_of_month(of_month)?,
            ("?", of_week) => days_of_week(of_week)?,
            _ => return None,
        };
        Some(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days,
            months: field(months, 1, 12, &MONTHS)?,
            years: field(years, FIRST_YEAR, LAST_YEAR, &[])?,
        })
    }

    /// The first time after `from`; None when there is no other.
    pub(crate) fn after(&self, from: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let year = self.years.first().and_then(|year| Date::new(i16::try_from(*year).ok()?, 1, 1).ok())?;
        for date in zone
            .to_datetime(from)
            .date()
            .max(year)
            .series(Span::new().days(1))
            .take(HORIZON)
            .filter(|date| self.fits(*date))
        {
            for at in self.times(date) {
                // A time that the clocks skip is taken for the one after it.
                let at = zone.to_timestamp(at).ok()?;
                if from < at {
                    return Some(at);
                }
            }
        }
        None
    }

    fn times(&self, date: Date) -> impl Iterator<Item = DateTime> {
        let pairs = self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
        pairs.filter_map(move |(hour, minute)| Some(date.at(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0)))
    }

    fn fits(&self, date: Date) -> bool {
        let has = |values: &[u16], value: i16| u16::try_from(value).is_ok_and(|value| values.contains(&value));
        let (day, weekday) = (i16::from(date.day()), sunday_one(date.weekday()));
        let last = i16::from(date.days_in_month());
        has(&self.months, i16::from(date.month()))
            && has(&self.years, date.year())
            && match &self.days {
                Days::OfMonth(days) => has(days, day),
                Days::LastOfMonth => day == last,
                Days::LastWorkdayOfMonth => nearest_workday(date.last_of_month()) == Some(date),
                Days::Workday(wanted) => {
                    let wanted =
                        i8::try_from(*wanted).ok().and_then(|day| Date::new(date.year(), date.month(), day).ok());
                    wanted.and_then(nearest_workday) == Some(date)
                }
                Days::OfWeek(days) => days.contains(&weekday),
                Days::LastOfWeek(wanted) => weekday == *wanted && last - 7 < day,
                Days::Nth(wanted, nth) => weekday == *wanted && u16::try_from((day - 1) / 7 + 1) == Ok(*nth),
            }
    }
}

/// The same day, or the nearest workday of the same month.
fn nearest_workday(date: Date) -> Option<Date> {
    let days = |count: i64| date.checked_add(Span::new().days(count)).ok();
    match date.weekday() {
        Weekday::Saturday if date.day() == 1 => days(2),
        Weekday::Saturday => days(-1),
        Weekday::Sunday if date.day() == date.days_in_month() => days(-2),
        Weekday::Sunday => days(1),
        _ => Some(date),
    }
}

fn sunday_one(day: Weekday) -> u16 {
    day.to_sunday_one_offset().unsigned_abs().into()
}

fn days_of_month(text: &str) -> Option<Days> {
    match text {
        "L" => Some(Days::LastOfMonth),
        "LW" => Some(Days::LastWorkdayOfMonth),
        _ => match text.strip_suffix('W') {
            Some(day) => Some(Days::Workday(value(day, 1, 31, &[])?)),
            None => Some(Days::OfMonth(field(text, 1, 31, &[])?)),
        },
    }
}

fn days_of_week(text: &str) -> Option<Days> {
    if let Some((day, nth)) = text.split_once('#') {
        return Some(Days::Nth(value(day, 1, 7, &DAYS)?, value(nth, 1, 5, &[])?));
    }
    match text.strip_suffix('L') {
        Some("") => Some(Days::OfWeek(vec![7])),
        Some(day) => Some(Days::LastOfWeek(value(day, 1, 7, &DAYS)?)),
        None => Some(Days::OfWeek(field(text, 1, 7, &DAYS)?)),
    }
}

/// Lists of values, ranges, `*` and steps (`0/15`, `10-50/10`), in order.
fn field(text: &str, least: u16, most: u16, names: &[&str]) -> Option<Vec<u16>> {
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u16>().ok().filter(|step| 0 < *step)?)),
            None => (part, None),
        };
        let (first, last) = match (range.split_once('-'), range) {
            (Some((first, last)), _) => (value(first, least, most, names)?, value(last, least, most, names)?),
            (None, "*") => (least, most),
            (None, one) => {
                let one = value(one, least, most, names)?;
                (one, if step.is_some() { most } else { one })
            }
        };
        let step = usize::from(step.unwrap_or(1));
        if first <= last {
            values.extend((first..=last).step_by(step));
        } else {
            // From Friday to Monday.
            values.extend((first..=most).chain(least..=last).step_by(step));
        }
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

fn value(text: &str, least: u16, most: u16, names: &[&str]) -> Option<u16> {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let number = match named {
        Some(position) => u16::try_from(position + 1).ok(),
        None => text.parse().ok(),
    };
    number.filter(|number| (least..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use super::Cron;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    fn check(expression: &str, zone: &str, from: &str, expected: &[&str]) {
        let (cron, zone) = (Cron::parse(expression).unwrap(), TimeZone::get(zone).unwrap());
        let mut from: Timestamp = from.parse().unwrap();
        for expected in expected {
            from = cron.after(from, &zone).unwrap();
            assert_eq!(from.to_string(), *expected, "{expression}");
        }
    }

    #[test]
    fn the_next_times_are_those_of_the_calendar() {
        let now = "2026-11-24T04:34:00Z";
        check("cron(0 10 * * ? *)", "UTC", now, &["2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z"]);
        check("cron(15 12 ? * MON-FRI *)", "UTC", "2026-11-27T13:00:00Z", &["2026-11-30T12:15:00Z"]);
        check(
            "cron(0/20 8-9 * * ? *)",
            "UTC",
            "2026-11-24T08:30:00Z",
            &["2026-11-24T08:40:00Z", "2026-11-24T09:00:00Z"],
        );
        check("cron(0 9 1 1,7 ? *)", "UTC", now, &["2027-01-01T09:00:00Z", "2027-07-01T09:00:00Z"]);
        check("cron(0 0 L * ? *)", "UTC", now, &["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]);
        check("cron(0 0 ? * 6L *)", "UTC", now, &["2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"]);
        check("cron(0 0 ? * TUE#1 *)", "UTC", now, &["2026-12-01T00:00:00Z", "2027-01-05T00:00:00Z"]);
        check("cron(0 0 15W * ? *)", "UTC", "2026-08-01T00:00:00Z", &["2026-08-14T00:00:00Z"]);
        check("cron(0 8 * * ? *)", "Asia/Singapore", now, &["2026-11-25T00:00:00Z"]);
        check("cron(0 0 29 2 ? *)", "UTC", now, &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for wrong in [
            "cron(0 9 * * * *)",
            "cron(0 9 ? * ? *)",
            "cron(60 9 * * ? *)",
            "cron(0 9 * * ?)",
            "cron(0 9 * * ? 1900)",
            "cron(0/0 9 * * ? *)",
            "rate(5 minutes)",
        ] {
            assert_eq!(Cron::parse(wrong), None, "{wrong}");
        }
        assert!(Cron::parse("cron(0 9 * * ? 2020)").unwrap().after(Timestamp::UNIX_EPOCH, &TimeZone::UTC).is_some());
    }
}
