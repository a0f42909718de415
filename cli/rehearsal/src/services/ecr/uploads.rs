//! Layers on their way in: in one request, in two, or in chunks.

use super::blobs::Finished;
use super::registry::{Answer, Call, Refusal, respond};
use super::state::Ecr;
use bytes::Bytes;

/// The last request of an upload.
pub(super) struct Upload<'a> {
    pub(super) id: &'a str,
    pub(super) body: &'a Bytes,
}

impl Ecr {
    /// With `mount` the layer may already be in another repository; with `digest` the body is all of it.
    pub(super) fn begin_upload(&self, call: &Call<'_>) -> Answer {
        if let (Some(digest), Some(from)) = (query(call, "mount"), query(call, "from")) {
            let is_there = self.store.read(|state| {
                state.repository(&call.region, &from).is_some_and(|other| other.layers.contains(&digest))
            });
            if is_there {
                return self.keep(call, &digest);
            }
        }
        let id = self.blobs.begin()?;
        if query(call, "digest").is_some() {
            return self.finish_upload(call, &Upload { id: &id, body: call.request.body() });
        }
        Ok(accepted(call, &id, 0))
    }

    pub(super) fn upload_progress(&self, call: &Call<'_>, id: &str) -> Answer {
        let arrived = self.arrived(id)?;
        let mut response = accepted(call, id, arrived);
        *response.status_mut() = http::StatusCode::NO_CONTENT;
        Ok(response)
    }

    pub(super) fn continue_upload(&self, call: &Call<'_>, id: &str) -> Answer {
        let arrived = self.arrived(id)?;
        let header = call.request.headers().get(http::header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
        let start = header.and_then(|range| range.trim_start_matches("bytes ").split('-').next()?.parse::<u64>().ok());
        if start.is_some_and(|start| start != arrived) {
            let mut response = accepted(call, id, arrived);
            *response.status_mut() = http::StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
        let arrived = self.blobs.append(id, call.request.body())?;
        Ok(accepted(call, id, arrived))
    }

    pub(super) fn finish_upload(&self, call: &Call<'_>, upload: &Upload<'_>) -> Answer {
        let digest = query(call, "digest")
            .ok_or_else(|| Refusal::new(400, "DIGEST_INVALID", "the upload must say its digest"))?;
        self.arrived(upload.id)?;
        self.blobs.append(upload.id, upload.body)?;
        match self.blobs.finish(upload.id, &digest)? {
            Finished::Kept => self.keep(call, &digest),
            Finished::Differs => {
                let message = "provided digest did not match uploaded content";
                Err(Refusal::new(400, "DIGEST_INVALID", message))
            }
        }
    }

    fn arrived(&self, id: &str) -> Result<u64, Refusal> {
        self.blobs.arrived(id).map_err(|_| Refusal::new(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"))
    }

    fn keep(&self, call: &Call<'_>, digest: &str) -> Answer {
        self.store.change(|state| {
            let repository = state.repository_mut(&call.region, call.repository);
            if let Some(repository) = repository {
                repository.layers.insert(digest.to_owned());
            }
            Ok::<_, Refusal>(())
        })?;
        let location = format!("/v2/{}/blobs/{digest}", call.repository);
        Ok(respond(201, &[("location", &location), ("docker-content-digest", digest)], ""))
    }
}

fn accepted(call: &Call<'_>, id: &str, arrived: u64) -> crate::services::wire::Response {
    let location = format!("/v2/{}/blobs/uploads/{id}", call.repository);
    // The last byte that is there; the specification has no words for none.
    let range = format!("0-{}", arrived.saturating_sub(1));
    respond(202, &[("location", &location), ("range", &range), ("docker-upload-uuid", id)], "")
}

fn query(call: &Call<'_>, name: &str) -> Option<String> {
    let query = call.request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
