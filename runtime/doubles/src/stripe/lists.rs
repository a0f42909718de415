//! Lists: newest first, in pages that begin after an id.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::stripe::error::ApiError;
use crate::stripe::form::Params;
use crate::stripe::state::State;

/// An object with its time of creation and the payment it belongs to.
type Candidate = (String, Timestamp, Option<String>, Value);

impl State {
    pub(super) fn list(&self, what: &str, params: &Params) -> Result<Value, ApiError> {
        params.only(&["limit", "starting_after", "created", "payment_intent", "expand", "type"])?;
        let mut candidates: Vec<Candidate> = match what {
            "checkout/sessions" => self
                .sessions
                .values()
                .map(|session| (session.id.clone(), session.created, session.intent.clone(), self.session(session)))
                .collect(),
            "payment_intents" => self
                .intents
                .values()
                .map(|intent| (intent.id.clone(), intent.created, Some(intent.id.clone()), self.intent(intent)))
                .collect(),
            "refunds" => self
                .refunds
                .values()
                .map(|refund| (refund.id.clone(), refund.created, Some(refund.intent.clone()), self.refund(refund)))
                .collect(),
            "charges" => self
                .charges
                .values()
                .map(|charge| (charge.id.clone(), charge.created, Some(charge.intent.clone()), self.charge(charge)))
                .collect(),
            _ => {
                let events = self.events.values();
                events.map(|event| (event.id.clone(), event.created, None, self.event(event))).collect()
            }
        };
        candidates.reverse();
        if let Some(intent) = params.text("payment_intent") {
            candidates.retain(|(_, _, of, _)| of.as_deref() == Some(intent));
        }
        let created = params.nested("created");
        let (from, after) = (created.integer("gte")?, created.integer("gt")?);
        let (to, before) = (created.integer("lte")?, created.integer("lt")?);
        candidates.retain(|(_, at, _, _)| {
            let at = at.as_second();
            from.is_none_or(|from| from <= at)
                && after.is_none_or(|after| after < at)
                && to.is_none_or(|to| at <= to)
                && before.is_none_or(|before| at < before)
        });
        if let Some(last) = params.text("starting_after") {
            let place = candidates.iter().position(|(id, ..)| id == last);
            let place = place.ok_or_else(|| ApiError::no_such("object", last))?;
            candidates.drain(..=place);
        }
        let limit = params.integer("limit")?.unwrap_or(10);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
        let limit =
            limit.ok_or_else(|| ApiError::invalid("limit", "parameter_invalid", "limit is between 1 and 100"))?;
        let expand = params.texts("expand");
        let has_more = limit < candidates.len();
        let page = candidates.into_iter().take(limit).map(|(.., shown)| self.expanded(shown, &expand));
        Ok(json!({
            "object": "list",
            "url": format!("/v1/{what}"),
            "has_more": has_more,
            "data": page.collect::<Vec<_>>(),
        }))
    }
}
