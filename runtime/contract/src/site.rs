//! Files of the site that others link to.

/// The page at the site's root: the API's description.
pub const START_PAGE: &str = "index.html";
/// Where a member signs in.
pub const SIGN_IN_PAGE: &str = "sign-in.html";
/// Where Stripe sends a member who has paid.
pub const CARD_SUCCESS_PAGE: &str = "card-success.html";
/// Where Stripe sends a member who has turned back.
pub const CARD_CANCEL_PAGE: &str = "card-cancel.html";
/// What is answered where there is nothing.
pub const NOT_FOUND_PAGE: &str = "not-found.html";
/// JSON `{"api_url"}`: what the pages need to know of their environment. The pool that renews tokens is read from a token.
pub const SETTINGS_FILE: &str = "settings.json";

/// The API's description, which the start page draws.
pub const DOCUMENT_FILE: &str = "openapi.json";

/// What the pages may load and whom they may ask: themselves, the API at `api_origin`, and Cognito in the regions where the
/// API may answer from, to renew tokens.
#[must_use]
pub fn content_security_policy(api_origin: &str, regions: &[&str]) -> String {
    let mut pools = String::new();
    for region in regions {
        pools.push_str(" https://cognito-idp.");
        pools.push_str(region);
        pools.push_str(".amazonaws.com");
    }
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {api_origin}{pools}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
