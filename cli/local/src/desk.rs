//! What the pages ask for beside the API: who can sign in, which cards there are, the mails, and the doubles' switches.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use como_doubles::members::{self, Standing};
use como_doubles::memberson::memberson_router;
use como_doubles::serve::Doubles;
use como_doubles::sevenrooms::sevenrooms_router;
use como_doubles::stripe::{TEST_CARDS, stripe_router};
use como_rehearsal::stores::Stores;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt as _;

#[derive(Clone)]
pub(crate) struct Desk {
    stores: Arc<Stores>,
    doubles: Arc<Partners>,
    addresses: Arc<Value>,
}

/// The doubles once more, for their switches: they share their state with those that listen.
struct Partners {
    memberson: Router,
    sevenrooms: Router,
    stripe: Router,
}

impl Desk {
    pub(crate) fn new(stores: Arc<Stores>, doubles: &Doubles, addresses: &impl Serialize) -> Self {
        let partners = Partners {
            memberson: memberson_router(doubles.memberson.clone()),
            sevenrooms: sevenrooms_router(doubles.sevenrooms.clone()),
            stripe: stripe_router(doubles.stripe.clone()),
        };
        Self { stores, doubles: Arc::new(partners), addresses: Arc::new(json!(addresses)) }
    }
}

pub(crate) fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Router<S> {
    Router::new()
        .route("/setup.json", get(setup))
        .route("/mails.json", get(mails))
        .route("/partners/{partner}/{*switch}", any(switch))
        .with_state(desk)
}

async fn setup(State(desk): State<Desk>) -> Json<Value> {
    let members = members::ALL.iter().map(|member| {
        let note = match member.standing {
            Standing::Active => None,
            Standing::Expired => Some("the membership has expired"),
            Standing::MustChangePassword => Some("has to change the password first"),
        };
        json!({
            "login": member.email, "password": member.password, "name": member.name, "tier": member.tier,
            "number": member.member_number, "points": member.points, "note": note,
        })
    });
    let first = members::of_crowd(1);
    let cards = TEST_CARDS.map(|(number, what)| json!({ "number": number, "what": what }));
    Json(json!({
        "addresses": *desk.addresses,
        "members": members.collect::<Vec<_>>(),
        "crowd": { "count": members::CROWD, "login": first.email, "password": first.password, "points": first.points },
        "cards": cards,
    }))
}

/// The newest first.
async fn mails(State(desk): State<Desk>) -> Response {
    let Ok(mails) = desk.stores.mails() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let part =
        |content: &Value, path: &str| content.pointer(path).and_then(|part| part["Data"].as_str()).map(str::to_owned);
    let shown = mails.iter().rev().map(|mail| {
        let content = &mail["content"];
        json!({
            "id": mail["id"], "at": mail["at"], "from": mail["from"], "to": mail["to"],
            "subject": part(content, "/Simple/Subject"),
            "text": part(content, "/Simple/Body/Text"),
            "html": part(content, "/Simple/Body/Html"),
        })
    });
    Json(Value::Array(shown.collect())).into_response()
}

/// A double's own switch, `/_double/<switch>`, at the pages' origin.
async fn switch(
    State(desk): State<Desk>,
    Path((partner, switch)): Path<(String, String)>,
    request: Request,
) -> Response {
    let double = match partner.as_str() {
        "memberson" => &desk.doubles.memberson,
        "sevenrooms" => &desk.doubles.sevenrooms,
        "stripe" => &desk.doubles.stripe,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Ok(uri) = format!("/_double/{switch}").parse::<Uri>() else { return StatusCode::NOT_FOUND.into_response() };
    let (mut parts, body) = request.into_parts();
    parts.uri = uri;
    // What the outer router knew of the path is not the inner one's business.
    parts.extensions.clear();
    match double.clone().oneshot(Request::from_parts(parts, Body::new(body))).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
