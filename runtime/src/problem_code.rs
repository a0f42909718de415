//! Every kind of error that the API answers: its code, its status, what it means and what to do about it.
//!
//! HTTP statuses are chosen here and nowhere else. The published catalogue is written from this file.

use axum::http::StatusCode;

/// One line a kind: variant, code, status, title, and what the caller can do.
macro_rules! codes {
    ($($variant:ident: $text:literal, $status:ident, $title:literal, $advice:literal;)+) => {
        /// The stable code of a problem. Callers match on it, never on the wording.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Code {
            $($variant,)+
        }

        impl Code {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            pub(crate) const fn status(self) -> StatusCode {
                match self {
                    $(Self::$variant => StatusCode::$status,)+
                }
            }

            pub(crate) const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }

            pub(crate) const fn advice(self) -> &'static str {
                match self {
                    $(Self::$variant => $advice,)+
                }
            }
        }
    };
}

codes! {
    RequestInvalid: "request.invalid", BAD_REQUEST, "The request is not valid", "Mend the fields that `errors` names.";
    RequestTooLarge: "request.too_large", PAYLOAD_TOO_LARGE, "The request body is too large", "Send no more than 16 KB.";
    RequestMediaType: "request.media_type", UNSUPPORTED_MEDIA_TYPE, "The request body must be JSON", "Send `Content-Type: application/json`.";
    RequestTimedOut: "request.timed_out", GATEWAY_TIMEOUT, "The answer took too long", "Try again; repeat a POST under its `Idempotency-Key`.";
    RouteUnknown: "route.unknown", NOT_FOUND, "There is nothing at this address", "Look the address up in `/v1/docs`.";
    RouteMethod: "route.method_not_allowed", METHOD_NOT_ALLOWED, "This address does not take this method", "Use one that `Allow` names.";
    TokenMissing: "auth.token_missing", UNAUTHORIZED, "An access token is needed", "Log in and send the `access_token` as `Authorization: Bearer`.";
    TokenInvalid: "auth.token_invalid", UNAUTHORIZED, "The access token is not valid", "Renew it, or log in again.";
    Forbidden: "auth.forbidden", FORBIDDEN, "The access token does not permit this", "Use a token with the scope that the route names; routes for staff also need the group `staff`.";
    WrongCredentials: "login.wrong_credentials", UNAUTHORIZED, "The login or the password is wrong", "Ask the member again.";
    PasswordChangeNeeded: "login.password_change_needed", FORBIDDEN, "The password must be changed first", "Send the member to where passwords are changed.";
    MemberUnknown: "member.unknown", NOT_FOUND, "Memberson does not know this member", "Log in again; if it stays, ask for help with the request's id.";
    NoMembership: "member.no_membership", CONFLICT, "The member has no membership that keeps points", "Offer the card, where the price has one.";
    ExperienceUnknown: "experience.unknown", NOT_FOUND, "There is no such experience", "Read the list again.";
    NotBookable: "experience.not_bookable", CONFLICT, "The experience has no slots to book", "Show it without a way to book.";
    ItemUnknown: "item.unknown", NOT_FOUND, "There is no such item", "Read the list again.";
    SoldOut: "item.sold_out", CONFLICT, "There are not enough of the item left", "Ask for fewer, or for something else.";
    SlotUnavailable: "slot.unavailable", CONFLICT, "The slot cannot be booked", "Offer another slot; `detail` says why.";
    PaymentNotOffered: "price.not_offered", CONFLICT, "This way of paying is not offered for it", "Offer the ways that its price names.";
    QuoteInvalid: "quote.invalid", BAD_REQUEST, "The quote is not one of ours for this member", "Ask for a quote and send it back as it is.";
    QuoteExpired: "quote.expired", CONFLICT, "The quote has expired", "Ask for a new quote and confirm it under a new `Idempotency-Key`.";
    KeyMissing: "idempotency.key_missing", BAD_REQUEST, "An Idempotency-Key is needed", "Send a new random key with each intent, and the same one with each repetition.";
    KeyInvalid: "idempotency.key_invalid", BAD_REQUEST, "The Idempotency-Key is not valid", "Send 1 to 255 visible ASCII characters, once.";
    InFlight: "idempotency.in_flight", CONFLICT, "The same request is being answered", "Repeat it under the same key after `Retry-After`.";
    OtherBody: "idempotency.other_body", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request", "Use a new key for a new intent.";
    BookingUnknown: "booking.unknown", NOT_FOUND, "The member has no such booking", "Read the list again.";
    RedemptionUnknown: "redemption.unknown", NOT_FOUND, "The member has no such redemption", "Read the list again.";
    SignInNeeded: "sign_in.needed", CONFLICT, "The member has to log in again first", "Log in, then call this again.";
    ActionUnknown: "manual_action.unknown", NOT_FOUND, "There is no such open manual action", "Read the list again; somebody may have settled it.";
    WebhookSignature: "webhook.signature", BAD_REQUEST, "The event is not signed by a secret of ours, or too long ago", "Look at the endpoint's signing secret.";
    WebhookBody: "webhook.body", BAD_REQUEST, "The event cannot be understood", "Look at the endpoint's API version.";
    PartnerUnavailable: "partner.unavailable", SERVICE_UNAVAILABLE, "A partner cannot be reached", "Try again after `Retry-After`; `partner` and `reason` say more.";
    IdentityUnavailable: "identity.unavailable", SERVICE_UNAVAILABLE, "Signing in is not possible at the moment", "Try again in a moment.";
    SessionUnavailable: "session.unavailable", SERVICE_UNAVAILABLE, "The session cannot be kept at the moment", "Try again in a moment.";
    NotServing: "region.not_serving", SERVICE_UNAVAILABLE, "This region does not change anything now", "Repeat under the same `Idempotency-Key` after `Retry-After`.";
    JournalUnavailable: "journal.unavailable", SERVICE_UNAVAILABLE, "What was asked for cannot be read or kept at the moment", "Repeat under the same `Idempotency-Key` after `Retry-After`.";
    Internal: "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side", "Ask for help with the request's id; a POST may be repeated under its key.";
}
