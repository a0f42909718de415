//! Where calls without a signature belong: what clients send before they have credentials, and what anybody may read.
//!
//! AWS tells by the host. Here every service is at one address, so a pool's id, a token or a client has to tell.

use crate::services::cognito::{self, TOKEN_PATH};
use crate::services::ecr;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Uri, header};
use serde_json::Value;

/// Of calls that say no region, of a service that has one in each.
const DEFAULT_REGION: &str = "us-east-1";

/// Whom a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addressee {
    pub region: Home,
    /// Empty for a path outside AWS's protocols.
    pub service: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Home {
    Region(String),
    /// That of the pool which has this client.
    OfClient(String),
    /// It names nothing that is anywhere.
    Nowhere,
}

/// None for a call that needs a signature.
pub(crate) fn addressee(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Option<Addressee> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let by_host = || of_host(headers).map(Home::Region);
    if target.starts_with("AWSCognitoIdentityProviderService.") {
        let region = by_host().unwrap_or_else(|| of_input(body));
        return Some(Addressee { region, service: "cognito-idp" });
    }
    let path = uri.path();
    if path == TOKEN_PATH {
        let region = by_host().unwrap_or_else(|| {
            let (client, _) = cognito::client_credentials(headers, body);
            if client.is_empty() { Home::Nowhere } else { Home::OfClient(client) }
        });
        return Some(Addressee { region, service: "" });
    }
    if path == "/v2" || path.starts_with("/v2/") {
        let region = ecr::region_of_call(headers).or_else(|| of_host(headers));
        return Some(Addressee { region: region.map_or(Home::Nowhere, Home::Region), service: "" });
    }
    if let Some((pool, _)) = path.trim_start_matches('/').split_once("/.well-known/") {
        let region = of_pool(pool).map_or(Home::Nowhere, Home::Region);
        return Some(Addressee { region, service: "" });
    }
    let action = form_urlencoded::parse(body).find(|(key, _)| key == "Action").map(|(_, action)| action.into_owned());
    action
        .is_some_and(|action| action.starts_with("AssumeRoleWith"))
        .then(|| Addressee { region: Home::Region(DEFAULT_REGION.to_owned()), service: "sts" })
}

/// `cognito-idp.<region>.amazonaws.com`, `<prefix>.auth.<region>.amazoncognito.com`,
/// `<account>.dkr.ecr.<region>.amazonaws.com`.
fn of_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name = host.split(':').next()?;
    let rest = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazoncognito.com"))?;
    rest.rsplit('.').next().map(str::to_owned)
}

/// Of Cognito's calls: each names its pool or its client, or shows a token that its pool signed.
fn of_input(body: &Bytes) -> Home {
    let input: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| input[name].as_str();
    let region = text("UserPoolId").and_then(of_pool).or_else(|| text("AccessToken").and_then(of_token));
    match (region, text("ClientId")) {
        (Some(region), _) => Home::Region(region),
        (None, Some(client)) => Home::OfClient(client.to_owned()),
        (None, None) => Home::Nowhere,
    }
}

/// Who signed a token is the pool's address. Whether the token is good is not asked here.
fn of_token(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    of_pool(claims["iss"].as_str()?.rsplit('/').next()?)
}

/// A pool's id begins with its region.
fn of_pool(id: &str) -> Option<String> {
    id.split_once('_').map(|(region, _)| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Addressee, Home, addressee};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn check(path: &str, headers: &[(&str, &str)], body: &str, expected: Option<(Home, &'static str)>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        let expected = expected.map(|(region, service)| Addressee { region, service });
        let found = addressee(&path.parse().unwrap(), &headers, &Bytes::from(body.to_owned()));
        assert_eq!(found, expected, "{path} {headers:?} {body}");
    }

    fn region(name: &str) -> Home {
        Home::Region(name.to_owned())
    }

    fn of_client(id: &str) -> Home {
        Home::OfClient(id.to_owned())
    }

    #[test]
    fn calls_of_cognito_name_their_pool_client_or_token() {
        let target = ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth");
        let cognito = |home| Some((home, "cognito-idp"));
        check("/", &[target], r#"{"ClientId": "c"}"#, cognito(of_client("c")));
        check("/", &[target], r#"{"UserPoolId": "ap-southeast-2_Ab"}"#, cognito(region("ap-southeast-2")));
        let claims = r#"{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab"}"#;
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims));
        check("/", &[target], &format!(r#"{{"AccessToken": "{token}"}}"#), cognito(region("eu-west-1")));
        check("/", &[target], "{}", cognito(Home::Nowhere));
        let host = ("host", "cognito-idp.us-west-2.amazonaws.com:443");
        check("/", &[target, host], r#"{"ClientId": "c"}"#, cognito(region("us-west-2")));
    }

    #[test]
    fn paths_outside_the_protocols_have_regions_too() {
        let none = |home| Some((home, ""));
        check("/ap-southeast-1_Ab/.well-known/jwks.json", &[], "", none(region("ap-southeast-1")));
        let basic = format!("Basic {}", STANDARD.encode("c:secret"));
        let basic = ("authorization", basic.as_str());
        check("/oauth2/token", &[basic], "grant_type=client_credentials", none(of_client("c")));
        check("/oauth2/token", &[], "client_id=c&grant_type=refresh_token", none(of_client("c")));
        check("/oauth2/token", &[], "", none(Home::Nowhere));
        let hosted = ("host", "shop.auth.eu-west-1.amazoncognito.com");
        check("/oauth2/token", &[basic, hosted], "", none(region("eu-west-1")));
        check("/v2/", &[], "", none(Home::Nowhere));
        let registry = ("host", "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com");
        check("/v2/images/tags/list", &[registry], "", none(region("ap-southeast-1")));
        let password = STANDARD.encode(r#"{"region": "ap-southeast-2"}"#);
        let token = format!("Basic {}", STANDARD.encode(format!("AWS:{password}")));
        check("/v2/images/tags/list", &[("authorization", &token)], "", none(region("ap-southeast-2")));
    }

    #[test]
    fn other_calls_need_a_signature() {
        check("/", &[], "", None);
        check("/", &[], "Action=AssumeRoleWithWebIdentity", Some((region("us-east-1"), "sts")));
    }
}
