//! What tokens of a region's user pool can say.
//!
//! Members get theirs from `accounts`, which signs them in by `AdminInitiateAuth` after Memberson has checked who they are.
//! Cognito puts one scope into such a token, its own ([`MEMBER_SCOPE`](crate::route::MEMBER_SCOPE)), and the scopes below into
//! none: those belong to OAuth 2.0, and so to tokens that the pool's own page gives out. (A Lambda before each token could add
//! them: one more thing that must work for anybody to log in, to say what the path says already.) So on members' routes the
//! gateway checks the pool's signature, the expiry and that one scope; whose the data is follows from the token's user name.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html>
//!
//! People who work here sign in at the pool's page. Their tokens carry scopes of this list and not the members' one, so the
//! gateway lets them into no member's route. A scope says what a client may ask for and not who asks: a route for staff checks
//! [`STAFF_GROUP`] in the token's `cognito:groups` besides its scope.

/// The API as OAuth 2.0 speaks of it; scopes begin with it and a slash.
pub const RESOURCE_SERVER: &str = "como";

/// What a token can permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Without [`RESOURCE_SERVER`] and the slash.
    pub name: &'static str,
    pub description: &'static str,
    /// Whether people who work here can get it at the pool's page.
    pub is_for_staff: bool,
}

/// All that there are.
pub const SCOPES: [Scope; 4] = [
    Scope { name: "experiences.read", description: "Look at experiences and venues", is_for_staff: true },
    Scope { name: "bookings.read", description: "Look at bookings and redemptions", is_for_staff: true },
    Scope { name: "bookings.write", description: "Book and redeem for a member", is_for_staff: false },
    Scope { name: "manual-actions.settle", description: "Settle what only a person can", is_for_staff: true },
];

/// The group of people who work here; tokens name it in `cognito:groups`.
pub const STAFF_GROUP: &str = "staff";
