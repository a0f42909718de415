//! The domain's `PointAccounts`, kept by Memberson.

use async_trait::async_trait;
use como_domain::effect::{CallKey, EffectError, Refusal};
use como_domain::identifier::MemberNumber;
use como_domain::member::ProfileToken;
use como_domain::partner::PartnerError;
use como_domain::points::{PointAccounts, PointsRequest, Receipt};
use como_domain::section::Read;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::de::IgnoredAny;

use crate::call::Repeat;
use crate::memberson::client::at;
use crate::memberson::{Memberson, convert, wire};
use crate::settings::MembersonSettings;

#[async_trait]
impl PointAccounts for Memberson {
    async fn take_points(
        &self,
        key: &CallKey,
        request: &PointsRequest,
        profile_token: &ProfileToken,
    ) -> Result<(), EffectError> {
        let operation = "take points";
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let url = format!("{}{}", settings.base_url, settings.redeem_points_path);
        let body = self.points_body(&settings, operation, key, None, request)?;
        let token = profile_token.secret.expose_secret();
        let reply =
            self.effect(&settings, operation, |http| http.post(&url).header("ProfileToken", token).json(&body)).await?;
        let too_few = |code| (code == settings.too_few_points_code).then_some(Refusal::TooFewPoints);
        self.done::<IgnoredAny>(operation, &reply, too_few).map(drop)
    }

    async fn give_points_back(
        &self,
        key: &CallKey,
        taken: &CallKey,
        request: &PointsRequest,
    ) -> Result<(), EffectError> {
        let operation = "give points back";
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let path = settings.points_reversal_path.as_ref().ok_or_else(|| Self::not_offered(operation))?;
        let url = format!("{}{path}", settings.base_url);
        let body = self.points_body(&settings, operation, key, Some(taken), request)?;
        let reply = self.effect(&settings, operation, |http| http.post(&url).json(&body)).await?;
        self.done::<IgnoredAny>(operation, &reply, |_| None).map(drop)
    }

    async fn receipts_of(
        &self,
        key: &CallKey,
        member_number: &MemberNumber,
    ) -> Result<Read<Vec<Receipt>>, PartnerError> {
        let operation = "look for a receipt";
        let settings = self.settings(operation)?;
        let url = at(&settings, &settings.receipts_path, MembersonSettings::MEMBER_NUMBER, member_number.as_str());
        let reply = self.send(&settings, operation, Repeat::Budgeted, |http| http.get(&url)).await?;
        // A member without receipts is not told from an unknown one: neither has a receipt under the key.
        let receipts: Vec<wire::Receipt> = match reply.status {
            StatusCode::NOT_FOUND => Vec::new(),
            _ => self.accept(operation, &reply)?,
        };
        let own =
            receipts.into_iter().filter(|receipt| receipt.receipt_no.as_deref().is_some_and(|text| key.covers(text)));
        let own: Result<Vec<Receipt>, _> = own.map(|receipt| convert::receipt(receipt, &settings)).collect();
        let value = own.map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Read { value, read_at: reply.read_at })
    }
}

impl Memberson {
    fn points_body<'a>(
        &self,
        settings: &'a MembersonSettings,
        operation: &'static str,
        key: &'a CallKey,
        original: Option<&'a CallKey>,
        request: &'a PointsRequest,
    ) -> Result<wire::PointsRequest<'a>, EffectError> {
        let amount = convert::amount(request.points);
        let amount = amount.map_err(|error| EffectError::NotSent(self.incomprehensible(operation, error)))?;
        let local = settings.time_zone.to_datetime(self.clock.now());
        Ok(wire::PointsRequest {
            member_no: request.member_number.as_str(),
            point_type: &settings.point_type,
            transaction_date: local.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            location: &settings.location_code,
            amount,
            redemption_code: &settings.redemption_code,
            description: &request.description,
            receipt_no: key.as_str(),
            original_receipt_no: original.map(CallKey::as_str),
        })
    }
}
