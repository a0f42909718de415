//! Memberson: three credentials (`SvcAuth`, `Token`, `ProfileToken`), errors as `{ErrorCode, Message}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::catalogue::{self, Reward};
use crate::faults::{Controls, Faults, with_controls};
use crate::ledger::Entry;
use crate::members::{self, MOBILE_COUNTRY_CODE, Standing, TestMember};
use crate::seeds::{SERVICE_PASSWORD, SERVICE_USER, USER_NAME, USER_PASSWORD};

const PROFILE_TOKEN_HOURS: i64 = 12;

/// Shared by the router and the test that looks over its shoulder.
#[derive(Debug, Clone)]
pub struct Memberson {
    controls: Arc<Controls>,
}

impl Memberson {
    #[must_use]
    pub fn seeded() -> Self {
        Self { controls: Arc::new(Controls::default()) }
    }

    /// Method and path of every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.controls.ledger.entries().iter().map(call).collect()
    }

    pub fn expire_tokens(&self) {
        self.controls.expire_tokens();
    }

    /// As `POST /_double/faults` with this document; an unknown one changes nothing and returns `false`.
    pub fn set_faults(&self, faults: Value) -> bool {
        serde_json::from_value::<Faults>(faults).map(|faults| self.controls.set_faults(faults)).is_ok()
    }

    fn authorise(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let expected = format!("{},{}", STANDARD.encode(SERVICE_USER), STANDARD.encode(SERVICE_PASSWORD));
        if header(headers, "SvcAuth") != Some(expected.as_str()) {
            return Err(Refusal(StatusCode::UNAUTHORIZED, 9000, "Invalid service credentials"));
        }
        Ok(())
    }

    fn authorise_with_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        self.authorise(headers)?;
        match header(headers, "Token") {
            Some(token) if self.controls.knows_token(token) => Ok(()),
            _ => Err(Refusal(StatusCode::UNAUTHORIZED, 2, "Invalid token")),
        }
    }
}

pub fn memberson_router(state: Memberson) -> Router {
    let controls = Arc::clone(&state.controls);
    let partner = Router::new()
        .route("/api/user/authenticate", post(authenticate))
        .route("/api/profile/search-simple", post(search))
        .route("/api/profile/{customer_number}/signin", post(sign_in))
        .route("/api/profile/{customer_number}/summary", get(summary))
        .route("/MockRewardApi/rewards", get(rewards))
        .route("/MockRewardApi/reward/{number}", get(reward))
        .with_state(state);
    with_controls(partner, controls)
}

struct Refusal(StatusCode, u32, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "ErrorCode": self.1, "Message": self.2 }))).into_response()
    }
}

type Answer = Result<Json<Value>, Refusal>;

async fn authenticate(State(state): State<Memberson>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    state.authorise(&headers)?;
    if body["UserName"] != USER_NAME || body["Password"] != USER_PASSWORD {
        return Err(Refusal(StatusCode::UNAUTHORIZED, 1001, "Invalid user name or password"));
    }
    let token = Uuid::new_v4().to_string();
    state.controls.issue_token(&token);
    Ok(Json(json!(token)))
}

async fn search(State(state): State<Memberson>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    state.authorise_with_token(&headers)?;
    let found = members::ALL.iter().filter(|member| {
        let by_email = body["EmailAddress"].as_str().is_some_and(|email| email.eq_ignore_ascii_case(member.email));
        let by_mobile = body["MobileNumber"] == member.mobile && body["MobileNumberCountryCode"] == MOBILE_COUNTRY_CODE;
        by_email || by_mobile
    });
    Ok(Json(found.map(|member| json!({ "CustomerNumber": member.customer_number, "Name": member.name })).collect()))
}

async fn sign_in(
    State(state): State<Memberson>,
    Path(customer_number): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    state.authorise_with_token(&headers)?;
    let member = find(&customer_number)?;
    if body["Password"] != member.password {
        return Err(Refusal(StatusCode::BAD_REQUEST, 1001, "Invalid login"));
    }
    if member.standing == Standing::MustChangePassword {
        return Err(Refusal(StatusCode::BAD_REQUEST, 1002, "Password reset needed"));
    }
    Ok(Json(json!({
        "CustomerNumber": member.customer_number,
        "Token": Uuid::new_v4().to_string(),
        "ExpiryDate": (Timestamp::now() + SignedDuration::from_hours(PROFILE_TOKEN_HOURS)).to_string(),
        "NeedPasswordChange": false,
    })))
}

async fn summary(State(state): State<Memberson>, Path(customer_number): Path<String>, headers: HeaderMap) -> Answer {
    state.authorise_with_token(&headers)?;
    let member = find(&customer_number)?;
    let status = if member.standing == Standing::Expired { "EXPIRED" } else { "ACTIVE" };
    Ok(Json(json!({
        "CustomerNumber": member.customer_number,
        "Name": member.name,
        "MembershipSummaries": [{
            "MemberNo": member.member_number,
            "Type": "COMO CLUB",
            "Tier": member.tier,
            "Status": status,
            "ValidFrom": "2022-01-01",
            "ExpiryDate": member.expiry_date,
            "AccountSummaries": [{ "Type": "C21 Points", "Balance": number(member.points) }],
        }],
    })))
}

async fn rewards(State(state): State<Memberson>, headers: HeaderMap) -> Answer {
    state.authorise_with_token(&headers)?;
    Ok(Json(catalogue::ALL.iter().map(overview).collect()))
}

async fn reward(State(state): State<Memberson>, Path(wanted): Path<String>, headers: HeaderMap) -> Answer {
    state.authorise_with_token(&headers)?;
    let found = catalogue::ALL.iter().find(|reward| reward.number == wanted);
    let reward = found.ok_or(Refusal(StatusCode::NOT_FOUND, 9000, "Reward not found"))?;
    let mut document = overview(reward);
    document["Description"] = json!(reward.description);
    document["TermsAndConditions"] = json!(reward.terms);
    document["DurationMinutes"] = json!(reward.duration_minutes);
    document["VenueID"] = json!(reward.venue_id);
    Ok(Json(document))
}

fn overview(reward: &Reward) -> Value {
    json!({
        "RewardNumber": reward.number,
        "Name": reward.name,
        "ShortDescription": reward.summary,
        "Category": reward.category,
        "Brand": reward.brand,
        "RewardPricing": { "Points": reward.points, "Amount": number(reward.price), "Currency": "SGD" },
        "Media": [{ "Url": format!("https://media.example.com/experiences/{}.jpg", reward.number.to_lowercase()) }],
    })
}

/// Memberson writes amounts as JSON numbers.
fn number(decimal: &str) -> Value {
    serde_json::from_str(decimal).unwrap_or(Value::Null)
}

fn find(customer_number: &str) -> Result<&'static TestMember, Refusal> {
    let found = members::ALL.iter().find(|member| member.customer_number == customer_number);
    found.ok_or(Refusal(StatusCode::NOT_FOUND, 9000, "Profile not found"))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn call(entry: &Entry) -> String {
    format!("{} {}", entry.method, entry.path)
}
