//! Manifests and tags.

use super::blobs::digest_of;
use super::registry::{Answer, Call, Refusal, content, respond};
use super::state::{Ecr, Image, Repository};
use crate::services::events::News;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Ecr {
    pub(super) fn manifest(&self, call: &Call<'_>, reference: &str) -> Answer {
        let unknown = || {
            let message = format!("Requested image not found: {reference}");
            Refusal::new(404, "MANIFEST_UNKNOWN", message)
        };
        let found = self.store.read(|state| {
            let repository = state.repository(&call.region, call.repository)?;
            let digest = repository.resolve(reference)?.to_owned();
            let image = repository.images.get(&digest).filter(|image| !image.is_seeded)?;
            Some((digest, image.media_type.clone()))
        });
        let (digest, media_type) = found.ok_or_else(unknown)?;
        let body = self.blobs.read(&digest).map_err(|_| unknown())?;
        content(call, &[("docker-content-digest", &digest), ("content-type", &media_type)], body)
    }

    pub(super) fn put_manifest(&self, call: &Call<'_>, reference: &str) -> Answer {
        let header = call.request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let digest = self.take_manifest(
            &call.region,
            call.repository,
            call.request.body(),
            Some(reference),
            header.unwrap_or_default(),
        )?;
        let location = format!("/v2/{}/manifests/{digest}", call.repository);
        Ok(respond(201, &[("location", &location), ("docker-content-digest", &digest)], ""))
    }

    /// Keeps a manifest under its digest and, if the reference is one, a tag; the layers must be there.
    pub(super) fn take_manifest(
        &self,
        region: &str,
        name: &str,
        body: &[u8],
        reference: Option<&str>,
        media_type: &str,
    ) -> Result<String, Refusal> {
        let invalid = |message: String| Refusal::new(400, "MANIFEST_INVALID", message);
        let manifest: Value =
            serde_json::from_slice(body).map_err(|_| invalid("the manifest is not JSON".to_owned()))?;
        let digest = digest_of(body);
        let tag = match reference {
            Some(reference) if reference.starts_with("sha256:") => {
                if reference != digest {
                    let message = "provided digest did not match uploaded content";
                    return Err(Refusal::new(400, "DIGEST_INVALID", message));
                }
                None
            }
            other => other,
        };
        let media_type = manifest["mediaType"].as_str().unwrap_or(media_type).to_owned();
        let size = self.judge(region, name, &manifest, body)?;
        self.blobs.write(&digest, body)?;
        self.store.change(|state| {
            let unknown = || Refusal::new(404, "NAME_UNKNOWN", self.not_found(name).message);
            let repository = state.repository_mut(region, name).ok_or_else(unknown)?;
            move_tag(repository, name, tag, &digest)?;
            let fresh = || Image {
                tags: BTreeSet::new(),
                media_type: media_type.clone(),
                size,
                pushed: Timestamp::now(),
                is_seeded: false,
            };
            let image = repository.images.entry(digest.clone()).or_insert_with(fresh);
            (image.media_type, image.size, image.is_seeded) = (media_type.clone(), size, false);
            image.tags.extend(tag.map(str::to_owned));
            state.pushed(region, name, &digest, tag);
            Ok::<_, Refusal>(())
        })?;
        self.wake.notify_one();
        self.tell("PUSH", region, name, &digest, tag);
        Ok(digest)
    }

    /// An event for EventBridge.
    pub(super) fn tell(&self, action: &str, region: &str, name: &str, digest: &str, tag: Option<&str>) {
        let mut detail = json!({
            "result": "SUCCESS", "repository-name": name, "image-digest": digest, "action-type": action,
        });
        if let Some(tag) = tag {
            detail["image-tag"] = json!(tag);
        }
        let news = News { source: "aws.ecr", kind: "ECR Image Action", resources: Vec::new(), detail };
        self.events.announce(region, news);
    }

    /// The image's size, if the repository has everything that its manifest names.
    fn judge(&self, region: &str, name: &str, manifest: &Value, body: &[u8]) -> Result<u64, Refusal> {
        let mut size = u64::try_from(body.len()).unwrap_or(0);
        let layers = manifest["layers"].as_array().into_iter().flatten();
        let parts = layers.chain(manifest.get("config")).filter_map(|part| part["digest"].as_str());
        for digest in parts {
            let is_there = self.store.read(|state| {
                state.repository(region, name).is_some_and(|repository| repository.layers.contains(digest))
            });
            if !is_there {
                let message = format!("Image manifest references a layer that does not exist: {digest}");
                return Err(Refusal::new(400, "MANIFEST_BLOB_UNKNOWN", message));
            }
            size += self.blobs.size(digest)?;
        }
        for digest in manifest["manifests"].as_array().into_iter().flatten().filter_map(|part| part["digest"].as_str())
        {
            let is_there = self.store.read(|state| {
                state.repository(region, name).is_some_and(|repository| repository.images.contains_key(digest))
            });
            if !is_there {
                let message = format!("Images with digests '[{digest}]' required for pushing image into repository");
                return Err(Refusal::new(400, "MANIFEST_BLOB_UNKNOWN", message));
            }
        }
        Ok(size)
    }

    pub(super) fn tags(&self, call: &Call<'_>) -> Answer {
        let tags: Vec<String> = self.store.read(|state| {
            let repository = state.repository(&call.region, call.repository);
            repository.into_iter().flat_map(|one| one.images.values()).flat_map(|image| image.tags.clone()).collect()
        });
        Ok(respond(200, &[], json!({ "name": call.repository, "tags": tags }).to_string()))
    }
}

/// A tag is at one image at a time; in an immutable repository it stays there.
pub(super) fn move_tag(
    repository: &mut Repository,
    name: &str,
    tag: Option<&str>,
    digest: &str,
) -> Result<(), Refusal> {
    let Some(tag) = tag else { return Ok(()) };
    let holder = repository.resolve(tag).map(str::to_owned);
    let Some(holder) = holder.filter(|holder| holder != digest) else { return Ok(()) };
    if repository.immutable_tags {
        let message = format!(
            "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the \
             repository is immutable."
        );
        return Err(Refusal::new(400, "TAG_INVALID", message));
    }
    if let Some(image) = repository.images.get_mut(&holder) {
        image.tags.remove(tag);
    }
    Ok(())
}
