//! What the tables' adapters have in common: times, texts of items, and cursors.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_lc_rs::rand;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use como_domain::journals::Cursor;
use jiff::{SignedDuration, Timestamp};

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn text_of<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.as_s().ok().map(String::as_str)
}

/// Sorts as time does.
pub(super) fn milliseconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// When DynamoDB may delete an item that is kept for so long.
pub(super) fn time_to_live(now: Timestamp, keep: Duration) -> AttributeValue {
    let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
    let end = now.checked_add(keep).unwrap_or(Timestamp::MAX);
    AttributeValue::N(end.as_second().to_string())
}

/// Tells one write from another with the same content. Without randomness a repeat of a write looks like a foreign one, which
/// costs a read and nothing else.
pub(super) fn nonce() -> String {
    let mut bytes = [0_u8; 16];
    match rand::fill(&mut bytes) {
        Ok(()) => URL_SAFE_NO_PAD.encode(bytes),
        Err(_) => String::new(),
    }
}

/// The key after which a listing goes on: the texts of these attributes of its last item.
pub(super) fn cursor(item: &Item, attributes: &[&str]) -> Option<Cursor> {
    let texts = attributes.iter().map(|name| Some(((*name).to_owned(), text_of(item, name)?.to_owned())));
    let texts: Option<BTreeMap<String, String>> = texts.collect();
    serde_json::to_vec(&texts?).ok().map(|json| Cursor(URL_SAFE_NO_PAD.encode(json)))
}

/// `None` when it is not a cursor over these attributes.
pub(super) fn start_key(cursor: &Cursor, attributes: &[&str]) -> Option<Item> {
    let json = URL_SAFE_NO_PAD.decode(&cursor.0).ok()?;
    let texts: BTreeMap<String, String> = serde_json::from_slice(&json).ok()?;
    let is_whole = texts.len() == attributes.len() && attributes.iter().all(|name| texts.contains_key(*name));
    is_whole.then(|| texts.into_iter().map(|(name, value)| (name, text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_item_and_no_other_text_does() {
        let item: Item =
            [("a", "1"), ("b", "2"), ("c", "3")].map(|(name, value)| (name.to_owned(), text(value))).into();
        let made = cursor(&item, &["a", "c"]).unwrap();
        let key: Item = [("a", "1"), ("c", "3")].map(|(name, value)| (name.to_owned(), text(value))).into();
        assert_eq!(start_key(&made, &["a", "c"]), Some(key));
        assert_eq!(start_key(&made, &["a", "b"]), None);
        assert_eq!(start_key(&made, &["a"]), None);
        assert_eq!(cursor(&item, &["d"]), None);
        for odd in ["", "e30", "x y", "bm8"] {
            assert_eq!(start_key(&Cursor(odd.to_owned()), &["a"]), None, "{odd}");
        }
    }

    #[test]
    fn times_sort_as_text() {
        let at = |text: &str| milliseconds(text.parse().unwrap());
        assert_eq!(at("2026-12-01T01:02:03.0049Z"), "2026-12-01T01:02:03.004Z");
        assert!(at("2026-12-01T01:02:03Z") < at("2026-12-01T01:02:03.1Z"));
    }
}
