//! Quotes: what a member is about to confirm, sealed and handed out. Nothing is stored, and the price cannot change between the
//! summary and the confirmation.

use std::num::NonZeroU8;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use como_domain::identifier::MemberId;
use como_domain::saga::intent::{Intent, Payment, Subject};
use como_domain::saga_id::BodyHash;
use como_domain::seal::{NoSecret, Seal};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::problem::{Code, Problem};

/// How long a member may look at the summary; prices and free slots change meanwhile.
pub(crate) const VALID_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A partner that is down may take a day to come back; what is not fulfilled by then is given back. A booking's deadline is at
/// the latest when its slot begins.
pub(crate) const FULFIL_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// More than any quote of ours.
const MAX_LENGTH: usize = 4 * 1024;
const PURPOSE: &str = "como/quote/1";

/// At most so many of an item at once.
pub(crate) const MAX_QUANTITY: u8 = 20;

pub struct Quotes {
    seal: Seal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quote {
    pub(crate) member: MemberId,
    pub(crate) subject: Subject,
    pub(crate) payment: Payment,
    pub(crate) deadline: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Quotes {
    /// # Errors
    /// When the secret is empty.
    pub fn new(saga_key: &SecretString) -> Result<Self, NoSecret> {
        Ok(Self { seal: Seal::new(saga_key, PURPOSE)? })
    }

    pub(crate) fn write(&self, quote: &Quote) -> Result<String, Problem> {
        let content = serde_json::to_vec(quote).map_err(|_| Problem::of(Code::Internal))?;
        let seal = self.seal.put_on(&content);
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&content), URL_SAFE_NO_PAD.encode(seal)))
    }

    /// `None` for whatever we did not write for this member.
    pub(crate) fn read(&self, text: &str, member: &MemberId) -> Option<Quote> {
        if MAX_LENGTH < text.len() {
            return None;
        }
        let (content, seal) = text.split_once('.')?;
        let (content, seal) = (URL_SAFE_NO_PAD.decode(content).ok()?, URL_SAFE_NO_PAD.decode(seal).ok()?);
        if !self.seal.is_whole(&content, &seal) {
            return None;
        }
        serde_json::from_slice::<Quote>(&content).ok().filter(|quote| quote.member == *member)
    }
}

impl Quote {
    pub(crate) fn intent(&self, body: BodyHash) -> Intent {
        Intent {
            member: self.member.clone(),
            subject: self.subject.clone(),
            payment: self.payment,
            deadline: self.deadline,
            body,
        }
    }
}

/// `at` plus `span`, at most the end of time.
pub(crate) fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}

pub(crate) fn quantity(count: u32) -> Option<NonZeroU8> {
    u8::try_from(count).ok().filter(|count| *count <= MAX_QUANTITY).and_then(NonZeroU8::new)
}

#[cfg(test)]
mod tests {
    use como_domain::money::Points;

    use super::*;

    fn quotes(secret: &str) -> Quotes {
        Quotes::new(&SecretString::from(secret)).unwrap()
    }

    #[test]
    fn only_an_unchanged_quote_of_ours_for_this_member_is_read() {
        let member = MemberId::try_from("C1000001").unwrap();
        let subject = Subject::Redemption { item: "ITM-2001".try_into().unwrap(), quantity: NonZeroU8::MIN };
        let at = Timestamp::UNIX_EPOCH;
        let payment = Payment::Points(Points::from_hundredths(190_000));
        let quote = Quote { member: member.clone(), subject, payment, deadline: at, expires_at: at };
        let text = quotes("secret").write(&quote).unwrap();
        assert_eq!(quotes("secret").read(&text, &member), Some(quote.clone()));
        assert_eq!(quotes("secret").read(&text, &"C1000002".try_into().unwrap()), None);
        assert_eq!(quotes("other").read(&text, &member), None);
        let (content, seal) = text.split_once('.').unwrap();
        let cheaper = String::from_utf8(URL_SAFE_NO_PAD.decode(content).unwrap()).unwrap().replace("190000", "1");
        let forged = format!("{}.{seal}", URL_SAFE_NO_PAD.encode(cheaper));
        for text in [forged.as_str(), "", ".", "a.b", &"x".repeat(5_000)] {
            assert_eq!(quotes("secret").read(text, &member), None, "{text}");
        }
    }
}
