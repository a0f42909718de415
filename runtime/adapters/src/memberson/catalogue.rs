//! The domain's `Catalogue`, kept by Memberson.

use async_trait::async_trait;
use como_domain::experience::{Experience, ExperienceSummary};
use como_domain::identifier::ExperienceId;
use como_domain::partner::{Catalogue, PartnerError};
use como_domain::section::Read;
use reqwest::StatusCode;
use tracing::warn;

use crate::call::Repeat;
use crate::memberson::client::at;
use crate::memberson::{Memberson, convert, wire};
use crate::settings::MembersonSettings;

impl Memberson {
    async fn read_list(&self, settings: &MembersonSettings) -> Result<Read<Vec<ExperienceSummary>>, PartnerError> {
        let operation = "list the experiences";
        let url = format!("{}{}", settings.base_url, settings.rewards_path);
        let reply = self.send(settings, operation, Repeat::Budgeted, |http| http.get(&url)).await?;
        let rewards: Vec<serde_json::Value> = self.accept(operation, &reply)?;
        let offered = rewards.len();
        let readable = rewards.into_iter().filter_map(|reward| {
            let reward: wire::Reward = serde_json::from_value(reward).ok()?;
            convert::experience(reward).ok().map(|experience| experience.overview)
        });
        let value: Vec<ExperienceSummary> = readable.collect();
        let skipped = offered - value.len();
        if 0 < skipped {
            // One slip in the CRM must not empty the whole list.
            warn!(catalogue.skipped = skipped, "left out {skipped} experiences that cannot be understood");
        }
        Ok(Read { value, read_at: reply.read_at })
    }

    async fn read_details(
        &self,
        settings: &MembersonSettings,
        id: &ExperienceId,
    ) -> Result<Option<Read<Experience>>, PartnerError> {
        let operation = "read an experience";
        let url = at(settings, &settings.reward_path, MembersonSettings::REWARD_NUMBER, id.as_str());
        let query = [("includeMedia", "true"), ("includeRewardPricing", "true")];
        let reply = self.send(settings, operation, Repeat::Budgeted, |http| http.get(&url).query(&query)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let reward: wire::Reward = self.accept(operation, &reply)?;
        let value = convert::experience(reward).map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at: reply.read_at }))
    }
}

#[async_trait]
impl Catalogue for Memberson {
    async fn experiences(&self) -> Result<Read<Vec<ExperienceSummary>>, PartnerError> {
        let settings = self.settings("list the experiences")?;
        self.list.get((), settings.catalogue_ttl, self.read_list(&settings)).await
    }

    async fn experience(&self, id: &ExperienceId) -> Result<Option<Read<Experience>>, PartnerError> {
        let settings = self.settings("read an experience")?;
        self.details.get(id.clone(), settings.catalogue_ttl, self.read_details(&settings, id)).await
    }
}
