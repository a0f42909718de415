//! Services that are hosted from winterbaume's crates.
//!
//! They find the region in the address's host, not in the signature, so the address is rewritten; and they forget
//! everything when the process ends, so a snapshot is written after every operation that may have changed something.

use crate::services::store::{self, StoreError};
use crate::services::wire::{self, Request, Response, ServiceError};
use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value;
use std::path::{Path, PathBuf};
use thiserror::Error;
use winterbaume_core::{MockRequest, StateViewError, StatefulService, default_account_id};

#[derive(Debug, Error)]
pub enum OpenHostedError {
    #[error("could not load the state of {service}")]
    Load {
        service: &'static str,
        #[source]
        source: StoreError,
    },
    #[error("could not list the state of {service}")]
    List {
        service: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("could not take over the state of {service}")]
    Restore {
        service: &'static str,
        #[source]
        source: StateViewError,
    },
}

/// One hosted service in all regions.
pub(crate) struct HostedService<S> {
    name: &'static str,
    /// Comes before the operation in `x-amz-target`.
    target: &'static str,
    service: S,
    dir: PathBuf,
    /// Snapshots are written one after the other, so that the newest wins.
    saving: tokio::sync::Mutex<()>,
}

impl<S: StatefulService> HostedService<S> {
    /// Brings back every region that has a snapshot.
    pub(crate) async fn open(
        name: &'static str,
        target: &'static str,
        service: S,
        dir: &Path,
    ) -> Result<Self, OpenHostedError> {
        let dir = dir.join(name);
        let regions = regions(&dir).map_err(|source| OpenHostedError::List { service: name, source })?;
        for region in regions {
            let path = dir.join(format!("{region}.json"));
            let view = store::read(&path).map_err(|source| OpenHostedError::Load { service: name, source })?;
            if let Some(view) = view {
                let restored = service.restore(default_account_id(), &region, view).await;
                restored.map_err(|source| OpenHostedError::Restore { service: name, source })?;
            }
        }
        Ok(Self { name, target, service, dir, saving: tokio::sync::Mutex::default() })
    }

    pub(crate) async fn handle(&self, region: &str, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let operation = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = operation.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
        let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let answer = self
            .service
            .handle(MockRequest {
                method: parts.method.to_string(),
                uri: format!("https://{}.{region}.amazonaws.com{path}", self.name),
                headers: parts.headers,
                body,
            })
            .await;
        if changes(&operation)
            && let Err(error) = self.save(region).await
        {
            return wire::error_response(&error.into());
        }
        let mut response = wire::with_content_type(answer.status, "application/x-amz-json-1.1", answer.body);
        response.headers_mut().extend(answer.headers);
        response
    }

    /// Calls an operation from inside.
    pub(crate) async fn call(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let mut request = http::Request::new(Bytes::from(input.to_string()));
        *request.method_mut() = http::Method::POST;
        let target = format!("{}.{operation}", self.target);
        let target = HeaderValue::from_str(&target).map_err(|error| ServiceError::internal(&error))?;
        request.headers_mut().insert("x-amz-target", target);
        request
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        let response = self.handle(region, request).await;
        let body: Value = serde_json::from_slice(response.body()).map_err(|error| ServiceError::internal(&error))?;
        if response.status().is_success() {
            return Ok(body);
        }
        let code = body["__type"].as_str().and_then(|code| code.rsplit('#').next()).unwrap_or("InternalFailure");
        let message = body["message"].as_str().or_else(|| body["Message"].as_str()).unwrap_or_default();
        Err(ServiceError { status: response.status().as_u16(), code: code.to_owned(), message: message.to_owned() })
    }

    pub(crate) async fn snapshot(&self, region: &str) -> S::StateView {
        self.service.snapshot(default_account_id(), region).await
    }

    /// Puts what the view holds in the place of what the region has of it.
    pub(crate) async fn merge(&self, region: &str, view: S::StateView) -> Result<(), ServiceError> {
        let merged = self.service.merge(default_account_id(), region, view).await;
        merged.map_err(|error| ServiceError::internal(&error))?;
        Ok(self.save(region).await?)
    }

    async fn save(&self, region: &str) -> Result<(), StoreError> {
        let _one_at_a_time = self.saving.lock().await;
        let view = self.service.snapshot(default_account_id(), region).await;
        store::write(&self.dir.join(format!("{region}.json")), &view)
    }
}

fn changes(operation: &str) -> bool {
    !["Get", "List", "Describe", "BatchGet"].iter().any(|prefix| operation.starts_with(prefix))
}

pub(super) fn regions(dir: &Path) -> std::io::Result<Vec<String>> {
    let entries = match fs_err::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: std::io::Result<Vec<String>> = names.collect();
    Ok(names?.iter().filter_map(|name| name.strip_suffix(".json")).map(str::to_owned).collect())
}
