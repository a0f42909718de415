//! Who the caller is: always the account's root, since the rehearsal checks no signatures.

use crate::services::wire::{Request, Response, not_there, with_content_type};

pub(crate) fn handle(account: &str, request: &Request) -> Response {
    let mut parameters = form_urlencoded::parse(request.body());
    if !parameters.any(|(key, value)| key == "Action" && value == "GetCallerIdentity") {
        return not_there("sts", request);
    }
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>",
        uuid::Uuid::new_v4()
    );
    with_content_type(200, "text/xml", body)
}
