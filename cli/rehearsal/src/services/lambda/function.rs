//! Making and changing functions.

use super::archive::{invalid, unpack};
use super::service::Lambda;
use super::state::{Code, Function, Settings};
use crate::services::wire::ServiceError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

impl Lambda {
    /// Fetches an archive and unpacks it. `inline` is for templates, where `ZipFile` may be source text.
    pub(super) fn fetch_code(&self, code: &Value, inline: bool) -> Result<Code, ServiceError> {
        if code["ImageUri"].is_string() {
            return Err(invalid("the rehearsal cloud does not offer Lambda functions from images"));
        }
        let archive = match (code["ZipFile"].as_str(), code["S3Bucket"].as_str(), code["S3Key"].as_str()) {
            (Some(text), _, _) => match STANDARD.decode(text) {
                Ok(archive) if archive.starts_with(b"PK") => archive,
                _ if inline => return self.keep_source(text),
                _ => {
                    return Err(invalid(
                        "Could not unzip uploaded file. Please check your file, then try to upload again.",
                    ));
                }
            },
            (None, Some(bucket), Some(key)) => {
                let version = code["S3ObjectVersion"].as_str();
                let object = self.surroundings.s3.object(bucket, key, version);
                object
                    .map(Vec::from)
                    .map_err(|reason| invalid(format!("Error occurred while GetObject. S3 Error Message: {reason}")))?
            }
            _ => return Err(invalid("Please provide a source for function code.")),
        };
        let code = described(&archive);
        let dir = self.code.join(&code.sha256);
        if !dir.is_dir() {
            // Under another name first, so that a half of an archive is never taken for the whole.
            let draft = self.code.join(format!("draft-{}", uuid::Uuid::new_v4().simple()));
            unpack(&archive, &draft)?;
            fs_err::create_dir_all(&draft).map_err(|error| ServiceError::internal(&error))?;
            if fs_err::rename(&draft, &dir).is_err() && !dir.is_dir() {
                return Err(invalid("the archive could not be kept"));
            }
        }
        Ok(code)
    }

    /// Source of an interpreted runtime, which is kept but not run.
    fn keep_source(&self, source: &str) -> Result<Code, ServiceError> {
        let code = described(source.as_bytes());
        let dir = self.code.join(&code.sha256);
        fs_err::create_dir_all(&dir).map_err(|error| ServiceError::internal(&error))?;
        fs_err::write(dir.join("index"), source).map_err(|error| ServiceError::internal(&error))?;
        Ok(code)
    }

    pub(super) fn new_function(
        &self,
        region: &str,
        name: &str,
        input: &Value,
        inline: bool,
    ) -> Result<Function, ServiceError> {
        let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
        if name.is_empty() || 64 < name.len() || !letters {
            return Err(invalid(format!(
                "FunctionName {name} must be 1 to 64 letters, digits, hyphens or underscores"
            )));
        }
        let mut settings = Settings::of(input, &Settings::initial())?;
        if settings.runtime.is_empty() {
            return Err(invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            ));
        }
        settings.handler = if settings.handler.is_empty() { "bootstrap".to_owned() } else { settings.handler };
        Ok(Function {
            owner: None,
            name: name.to_owned(),
            arn: format!("arn:aws:lambda:{region}:{}:function:{name}", self.surroundings.account),
            modified: Timestamp::now(),
            revision: uuid::Uuid::new_v4().to_string(),
            code: self.fetch_code(&input["Code"], inline)?,
            settings,
            permissions: BTreeMap::new(),
        })
    }

    /// Changes a function and gives it a new revision.
    pub(super) fn change_function(
        &self,
        region: &str,
        reference: &str,
        change: impl FnOnce(&mut Function) -> Result<(), ServiceError>,
    ) -> Result<Function, ServiceError> {
        let (before, after) = self.regions.of(region)?.change(|state| {
            let function = state.function_mut(reference)?;
            let before = function.revision.clone();
            change(function)?;
            function.revision = uuid::Uuid::new_v4().to_string();
            function.modified = Timestamp::now();
            Ok::<_, ServiceError>((before, function.clone()))
        })?;
        self.instances.discard(&before);
        Ok(after)
    }
}

/// What `GetFunctionConfiguration` and its kin show.
pub(super) fn configuration(function: &Function) -> Value {
    let Function { settings, code, .. } = function;
    let digest: Vec<u8> = (0..code.sha256.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(code.sha256.get(at..at + 2)?, 16).ok())
        .collect();
    let mut shown = json!({
        "FunctionName": function.name, "FunctionArn": function.arn, "Runtime": settings.runtime, "Role": settings.role,
        "Handler": settings.handler, "CodeSize": code.size, "Description": settings.description,
        "Timeout": settings.timeout_seconds, "MemorySize": settings.memory_mb, "CodeSha256": STANDARD.encode(digest),
        "LastModified": function.modified.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(), "Version": "$LATEST",
        "TracingConfig": { "Mode": "PassThrough" }, "RevisionId": function.revision, "State": "Active",
        "LastUpdateStatus": "Successful", "PackageType": "Zip", "Architectures": [settings.architecture],
        "EphemeralStorage": { "Size": 512 },
        "LoggingConfig": { "LogFormat": function.log_format(), "LogGroup": function.log_group() },
    });
    if !settings.environment.is_empty() {
        shown["Environment"] = json!({ "Variables": settings.environment });
    }
    if let Some(arn) = &settings.dead_letters {
        shown["DeadLetterConfig"] = json!({ "TargetArn": arn });
    }
    for (name, value) in &settings.kept {
        shown[name] = value.clone();
    }
    shown
}

fn described(archive: &[u8]) -> Code {
    let digest = Sha256::digest(archive);
    Code { sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(), size: archive.len() }
}
