//! The service's token, profiles, sign-in, summary.

use axum::Json;
use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::amount::number;
use crate::members::{MOBILE_COUNTRY_CODE, Member, Standing};
use crate::memberson::Memberson;
use crate::memberson::refusal::{Answer, Refusal};
use crate::memberson::state::ProfileSession;
use crate::seeds::{USER_NAME, USER_PASSWORD};

pub(super) async fn authenticate(
    Extracted(double): Extracted<Memberson>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    Memberson::check_service(&headers)?;
    if body["UserName"] != USER_NAME || body["Password"] != USER_PASSWORD {
        return Err(Refusal(StatusCode::UNAUTHORIZED, 1001, "Invalid user name or password"));
    }
    let token = Uuid::new_v4().to_string();
    double.controls.issue_token(&token);
    Ok(Json(json!(token)))
}

pub(super) async fn search(
    Extracted(double): Extracted<Memberson>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let found = |member: &Member| json!({ "CustomerNumber": member.customer_number, "Name": member.name });
    Ok(Json(double.matching(&body, found)))
}

/// With everything that Memberson has about a person.
pub(super) async fn search_in_full(
    Extracted(double): Extracted<Memberson>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let found = |member: &Member| {
        let (first_name, last_name) = member.name.split_once(' ').unwrap_or((member.name.as_str(), ""));
        json!({
            "CustomerNumber": member.customer_number,
            "Name": member.name,
            "FirstName": first_name,
            "LastName": last_name,
            "EmailAddress": member.email,
            "MobileNumber": member.mobile,
            "MobileNumberCountryCode": MOBILE_COUNTRY_CODE,
            "HasActiveMembership": member.standing != Standing::Expired,
        })
    };
    Ok(Json(double.matching(&body, found)))
}

impl Memberson {
    fn matching(&self, body: &Value, show: impl Fn(&Member) -> Value) -> Value {
        let is_meant = |member: &&Member| {
            let by_email = body["EmailAddress"].as_str().is_some_and(|email| email.eq_ignore_ascii_case(&member.email));
            let by_mobile =
                body["MobileNumber"] == member.mobile && body["MobileNumberCountryCode"] == MOBILE_COUNTRY_CODE;
            by_email || by_mobile || body["CustomerNumber"] == member.customer_number
        };
        self.store.read(|state| state.members.values().filter(is_meant).map(show).collect())
    }

    fn find(&self, customer_number: &str) -> Result<Member, Refusal> {
        let found = self.store.read(|state| state.members.get(customer_number).cloned());
        found.ok_or(Refusal::absent("Profile not found"))
    }
}

pub(super) async fn sign_in(
    Extracted(double): Extracted<Memberson>,
    Path(customer_number): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let member = double.find(&customer_number)?;
    if body["Password"] != member.password {
        return Err(Refusal(StatusCode::BAD_REQUEST, 1001, "Invalid login"));
    }
    if member.standing == Standing::MustChangePassword {
        return Err(Refusal(StatusCode::BAD_REQUEST, 1002, "Password reset needed"));
    }
    let token = Uuid::new_v4().to_string();
    let expires_at = double.store.change(|state| {
        let expires_at = double.controls.clock.now() + SignedDuration::from_secs(state.behaviour.profile_token_s);
        let session = ProfileSession { customer_number: customer_number.clone(), expires_at };
        state.profile_tokens.insert(token.clone(), session);
        expires_at
    });
    Ok(Json(json!({
        "CustomerNumber": member.customer_number,
        "Token": token,
        "ExpiryDate": expires_at.to_string(),
        "NeedPasswordChange": false,
    })))
}

pub(super) async fn summary(
    Extracted(double): Extracted<Memberson>,
    Path(customer_number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    double.check_token(&headers)?;
    let member = double.find(&customer_number)?;
    let balance = double.store.read(|state| state.balance(&member.member_number));
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
            "AccountSummaries": [{ "Type": "C21 Points", "Balance": number(balance) }],
        }],
    })))
}
