//! The domain's `MemberDirectory` and `MemberContacts`, kept by Memberson.

use async_trait::async_trait;
use como_domain::identifier::MemberId;
use como_domain::login::LoginName;
use como_domain::member::{MemberSummary, ProfileToken, SignedIn};
use como_domain::partner::{MemberDirectory, PartnerError, SignInError};
use como_domain::points::{Contact, MemberContacts};
use como_domain::section::Read;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use crate::call::Repeat;
use crate::memberson::client::{at, codes, error_code};
use crate::memberson::{Memberson, convert, wire};
use crate::settings::MembersonSettings;

/// A family may share a mobile number; more accounts than this are not tried with one password.
const MAX_ACCOUNTS_PER_LOGIN: usize = 3;

impl Memberson {
    async fn search(&self, settings: &MembersonSettings, name: &LoginName) -> Result<Vec<MemberId>, PartnerError> {
        let operation = "search a member";
        let url = format!("{}{}", settings.base_url, settings.search_path);
        let body = match name {
            LoginName::Email(address) => wire::SearchRequest::Email { email_address: address },
            LoginName::Mobile { country_code, number } => wire::SearchRequest::Mobile {
                mobile_number: number,
                mobile_number_country_code: country_code.as_deref().unwrap_or(&settings.home_country_code),
            },
        };
        let reply = self.send(settings, operation, Repeat::Budgeted, |http| http.post(&url).json(&body)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        let found: Vec<wire::FoundProfile> = self.accept(operation, &reply)?;
        let ids =
            found.into_iter().take(MAX_ACCOUNTS_PER_LOGIN).map(|profile| MemberId::try_from(profile.customer_number));
        let unusable = |_| self.incomprehensible(operation, convert::Incomprehensible { field: "CustomerNumber" });
        ids.collect::<Result<_, _>>().map_err(unusable)
    }

    async fn sign_in_as(
        &self,
        settings: &MembersonSettings,
        member_id: MemberId,
        password: &SecretString,
    ) -> Result<SignedIn, SignInError> {
        let operation = "sign a member in";
        let url = at(settings, &settings.sign_in_path, MembersonSettings::CUSTOMER_NUMBER, member_id.as_str());
        let body = wire::SignInRequest { password: password.expose_secret() };
        let reply = self.send(settings, operation, Repeat::Never, |http| http.post(&url).json(&body)).await?;
        match error_code(&reply) {
            Some(codes::BAD_LOGIN) => return Err(SignInError::WrongCredentials),
            Some(code) if codes::PASSWORD_RESET.contains(&code) => return Err(SignInError::PasswordChangeNeeded),
            _ => {}
        }
        let signed_in: wire::SignInReply = self.accept(operation, &reply)?;
        if signed_in.need_password_change == Some(true) {
            return Err(SignInError::PasswordChangeNeeded);
        }
        let stated = signed_in.expiry_date.as_deref().and_then(|text| convert::instant(text, &settings.time_zone));
        let expires_at = stated.unwrap_or(reply.read_at + settings.profile_token_ttl);
        Ok(SignedIn { member_id, profile_token: ProfileToken { secret: signed_in.token, expires_at } })
    }
}

#[async_trait]
impl MemberDirectory for Memberson {
    async fn sign_in(&self, name: &LoginName, password: &SecretString) -> Result<SignedIn, SignInError> {
        let settings = self.settings("sign a member in")?;
        let mut refusal = SignInError::WrongCredentials;
        for member_id in self.search(&settings, name).await? {
            match self.sign_in_as(&settings, member_id, password).await {
                Ok(signed_in) => return Ok(signed_in),
                Err(error @ SignInError::Partner(_)) => return Err(error),
                Err(error @ SignInError::PasswordChangeNeeded) => refusal = error,
                Err(SignInError::WrongCredentials) => {}
            }
        }
        Err(refusal)
    }

    async fn summary(&self, member_id: &MemberId) -> Result<Option<Read<MemberSummary>>, PartnerError> {
        let operation = "read a member's summary";
        let settings = self.settings(operation)?;
        let url = at(&settings, &settings.summary_path, MembersonSettings::CUSTOMER_NUMBER, member_id.as_str());
        let reply = self.send(&settings, operation, Repeat::Budgeted, |http| http.get(&url)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let summary: wire::SummaryReply = self.accept(operation, &reply)?;
        let value = convert::member_summary(summary, member_id.clone(), &settings.point_type)
            .map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at: reply.read_at }))
    }
}

#[async_trait]
impl MemberContacts for Memberson {
    async fn contact(&self, member_id: &MemberId) -> Result<Option<Contact>, PartnerError> {
        let operation = "read a member's contact";
        let settings = self.settings(operation)?;
        let url = format!("{}{}", settings.base_url, settings.profile_search_path);
        let body = wire::SearchRequest::CustomerNumber { customer_number: member_id.as_str() };
        let reply = self.send(&settings, operation, Repeat::Budgeted, |http| http.post(&url).json(&body)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let found: wire::OneOrMany<wire::FullProfile> = self.accept(operation, &reply)?;
        // A search may answer with more than was asked for.
        let own = found.into_iter().find(|profile| profile.customer_number == member_id.as_str());
        Ok(own.map(convert::contact))
    }
}
