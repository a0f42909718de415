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
/// JSON `{"api_url","region","user_pool_id","user_pool_client_id"}`: what the pages need to know of their environment.
pub const SETTINGS_FILE: &str = "settings.json";
