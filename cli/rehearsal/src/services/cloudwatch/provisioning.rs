//! Alarms as CloudFormation makes them.

use super::announce;
use super::rule;
use super::state::{Alarm, AlarmKind, CloudWatch};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{Properties, text};
use crate::services::store::StoreError;
use serde_json::json;
use std::collections::BTreeMap;

impl CloudWatch {
    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let name = text(&request.properties, "AlarmName").map_or_else(|| generated_name(request), str::to_owned);
        let known = self.alarms.read(|alarms| alarms.get(&request.region)?.get(&name).map(|one| one.owner.clone()));
        if known.is_some_and(|known| known != owner(request)) {
            return Err(ProvisionError::AlreadyExists { identifier: name });
        }
        self.put(request, &name)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.put(&request.wanted, &request.physical_id)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.change(|alarms| {
            alarms.get_mut(&request.region).and_then(|here| here.remove(&request.physical_id));
            Ok(())
        })
    }

    /// An alarm that another service makes for itself.
    pub(crate) fn put_for(
        &self,
        region: &str,
        owner: &str,
        name: &str,
        properties: Properties,
    ) -> Result<(), StoreError> {
        let arn = format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", self.account);
        self.change(|alarms| {
            let here = alarms.entry(region.to_owned()).or_default();
            let fresh = || Alarm::new(owner.to_owned(), arn, AlarmKind::Metric, Properties::new());
            here.entry(name.to_owned()).or_insert_with(fresh).properties = properties;
            Ok(())
        })
    }

    /// Those that are there.
    pub(crate) fn remove(&self, region: &str, names: &[String]) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        self.change(|alarms| {
            if let Some(here) = alarms.get_mut(region) {
                here.retain(|name, _| !names.contains(name));
            }
            Ok(())
        })
    }

    fn put(&self, request: &CreateRequest, name: &str) -> Result<Provisioned, ProvisionError> {
        let is_composite = request.resource_type == "AWS::CloudWatch::CompositeAlarm";
        let kind = if is_composite { AlarmKind::Composite } else { AlarmKind::Metric };
        let mut properties = request.properties.clone();
        properties.insert("AlarmName".to_owned(), json!(name));
        announce::check(&properties).map_err(|message| ProvisionError::Refused { message })?;
        if let (AlarmKind::Composite, Some(rule)) = (kind, text(&properties, "AlarmRule")) {
            rule::holds(rule, &BTreeMap::new()).map_err(|message| ProvisionError::Refused { message })?;
        }
        let arn = format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", request.region, request.account);
        self.change(|alarms| {
            let here = alarms.entry(request.region.clone()).or_default();
            let fresh = || Alarm::new(owner(request), arn.clone(), kind, properties.clone());
            let alarm = here.entry(name.to_owned()).or_insert_with(fresh);
            alarm.properties = properties.clone();
            Ok::<_, ProvisionError>(())
        })?;
        let attributes = BTreeMap::from([("Arn".to_owned(), json!(arn))]);
        Ok(Provisioned { physical_id: name.to_owned(), attributes })
    }
}
