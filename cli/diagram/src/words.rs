//! How things are called in the picture.

/// Cities of the regions, by the names that AWS gives them:
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
const CITIES: &[(&str, &str)] = &[
    ("af-south-1", "Cape Town"),
    ("ap-east-1", "Hong Kong"),
    ("ap-east-2", "Taipei"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ap-southeast-5", "Malaysia"),
    ("ap-southeast-6", "New Zealand"),
    ("ap-southeast-7", "Thailand"),
    ("ca-central-1", "Central Canada"),
    ("ca-west-1", "Calgary"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("mx-central-1", "Mexico"),
    ("sa-east-1", "São Paulo"),
    ("us-east-1", "N. Virginia"),
    ("us-east-2", "Ohio"),
    ("us-west-1", "N. California"),
    ("us-west-2", "Oregon"),
];

/// `Singapore` for `ap-southeast-1`; a region without a known city is its own name.
pub(crate) fn city(region: &str) -> &str {
    CITIES.iter().find(|(code, _)| *code == region).map_or(region, |(_, city)| city)
}

/// A physical name without what it shares with its stack's name: `configuration` for `como-prod-configuration` in
/// `como-prod-data`; and without the account's number and what follows, which only make a name unique.
pub(crate) fn short(name: &str, stack: &str) -> String {
    let separator = |letter: char| matches!(letter, '-' | '/' | '_' | ':');
    let is_account = |word: &str| word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
    let mut words: Vec<&str> = name.split(separator).filter(|word| !word.is_empty() && *word != "alias").collect();
    if let Some(account) = words.iter().position(|word| is_account(word)).filter(|place| 0 < *place) {
        words.truncate(account);
    }
    let mut stack_words = stack.split('-');
    let mut skip = 0;
    while let Some(word) = words.get(skip)
        && skip + 1 < words.len()
        && stack_words.next() == Some(word)
    {
        skip += 1;
    }
    words.iter().skip(skip).copied().collect::<Vec<_>>().join("-")
}

/// The last part of a construct's path in words: `data key` for `DataKey`, and for `DataKey/Resource`, which is how a construct
/// calls the main one of its resources.
pub(crate) fn spoken(path: &str) -> String {
    let last = path.rsplit('/').find(|part| !matches!(*part, "Resource" | "Default")).unwrap_or(path);
    let mut spoken = String::new();
    for letter in last.chars() {
        if letter.is_ascii_uppercase() && !spoken.is_empty() && !spoken.ends_with(' ') {
            spoken.push(' ');
        }
        spoken.push(letter.to_ascii_lowercase());
    }
    spoken
}

/// `1 alarm`, `3 alarms`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// CPU units as vCPU: `0.25 vCPU` for `256`.
pub(crate) fn vcpu(units: &str) -> Option<String> {
    let units: u32 = units.parse().ok()?;
    Some(format!("{} vCPU", thousandths(u64::from(units) * 1000 / 1024)))
}

/// Mebibytes as GB: `0.5 GB` for `512`.
pub(crate) fn gigabytes(mebibytes: &str) -> Option<String> {
    let mebibytes: u32 = mebibytes.parse().ok()?;
    Some(format!("{} GB", thousandths(u64::from(mebibytes) * 1000 / 1024)))
}

/// `0.25` for 250.
fn thousandths(value: u64) -> String {
    let text = format!("{}.{:03}", value / 1000, value % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_leaves_out_what_the_stack_says() {
        assert_eq!(short("como-prod-configuration", "como-prod-data"), "configuration");
        assert_eq!(short("como/prod/memberson-credentials", "como-prod-data"), "memberson-credentials");
        assert_eq!(short("alias/como-prod-data", "como-prod-data"), "data");
        assert_eq!(short("como-prod", "como-prod-compute"), "prod");
        assert_eq!(short("accounts", "como-prod-svc-accounts"), "accounts");
        assert_eq!(short("como-prod-site-123456789012-ap-southeast-1", "como-prod-site"), "site");
        assert_eq!(short("123456789012", "como-prod-site"), "123456789012");
    }

    #[test]
    fn words_and_numbers_are_as_people_say_them() {
        assert_eq!(spoken("ZoneA/DataKey"), "data key");
        assert_eq!(spoken("DataKey/Resource"), "data key");
        assert_eq!(spoken("Resource"), "resource");
        assert_eq!(count(1, "policy"), "1 policy");
        assert_eq!(count(2, "policy"), "2 policies");
        assert_eq!(count(2, "key"), "2 keys");
        assert_eq!(vcpu("256").as_deref(), Some("0.25 vCPU"));
        assert_eq!(gigabytes("2048").as_deref(), Some("2 GB"));
        assert_eq!(city("ap-southeast-2"), "Sydney");
    }
}
