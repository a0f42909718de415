//! ECR's operations in AWS's JSON protocol.

use super::registry::password;
use super::state::{Ecr, Image, Repository};
use crate::services::wire::{self, Request, Response, ServiceError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

type Answer = Result<Value, ServiceError>;

const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

impl Ecr {
    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("ecr", request) };
        wire::respond(wire::body(request).and_then(|input| self.run(region, operation, &input)))
    }

    fn run(&self, region: &str, operation: &str, input: &Value) -> Answer {
        let name = input["repositoryName"].as_str().unwrap_or_default();
        match operation {
            "GetAuthorizationToken" => Ok(self.token(region)),
            "CreateRepository" => {
                let immutable = input["imageTagMutability"].as_str() == Some("IMMUTABLE");
                let repository = self.add(region, name, immutable)?;
                Ok(json!({ "repository": self.described(region, name, &repository) }))
            }
            "DescribeRepositories" => self.describe_repositories(region, input),
            "DeleteRepository" => {
                let repository = self.remove(region, name, input["force"].as_bool().unwrap_or(false))?;
                Ok(json!({ "repository": self.described(region, name, &repository) }))
            }
            "DescribeImages" => self.describe_images(region, name, input),
            "ListImages" => self.with_repository(region, name, |repository| {
                let ids = repository.images.iter().flat_map(|(digest, image)| {
                    let tagged = image.tags.iter().map(move |tag| json!({ "imageDigest": digest, "imageTag": tag }));
                    let bare = image.tags.is_empty().then(|| json!({ "imageDigest": digest }));
                    tagged.chain(bare)
                });
                Ok(json!({ "imageIds": ids.collect::<Vec<_>>() }))
            }),
            "BatchGetImage" => self.batch_get_image(region, name, input),
            "BatchDeleteImage" => self.batch_delete_image(region, name, input),
            "BatchCheckLayerAvailability" => self.check_layers(region, name, input),
            "DescribeImageReplicationStatus" => self.replication_status(region, name, input),
            "DescribeRegistry" => Ok(self.describe_registry(region)),
            "PutReplicationConfiguration" => self.put_replication(region, input),
            "PutImage" => self.put_image(region, name, input),
            _ => Err(ServiceError::unknown_operation("ecr", operation)),
        }
    }

    fn token(&self, region: &str) -> Value {
        let token = STANDARD.encode(format!("AWS:{}", password(region)));
        let expires = Timestamp::now() + TOKEN_LIFETIME;
        json!({ "authorizationData": [{
            "authorizationToken": token, "expiresAt": seconds(expires), "proxyEndpoint": self.endpoint,
        }] })
    }

    fn with_repository<R>(
        &self,
        region: &str,
        name: &str,
        look: impl FnOnce(&Repository) -> Result<R, ServiceError>,
    ) -> Result<R, ServiceError> {
        self.store.read(|state| look(state.repository(region, name).ok_or_else(|| self.not_found(name))?))
    }

    fn describe_repositories(&self, region: &str, input: &Value) -> Answer {
        let wanted: Vec<&str> =
            input["repositoryNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let found: Vec<(String, Repository)> = self.store.read(|state| {
            let here = state.repositories.get(region).into_iter().flatten();
            let here = here.filter(|(name, _)| wanted.is_empty() || wanted.contains(&name.as_str()));
            here.map(|(name, repository)| (name.clone(), repository.clone())).collect()
        });
        if let Some(missing) = wanted.iter().find(|name| found.iter().all(|(known, _)| known != *name)) {
            return Err(self.not_found(missing));
        }
        let list: Vec<Value> = found.iter().map(|(name, one)| self.described(region, name, one)).collect();
        Ok(json!({ "repositories": list }))
    }

    fn described(&self, region: &str, name: &str, repository: &Repository) -> Value {
        json!({
            "repositoryArn": repository.arn, "registryId": self.account, "repositoryName": name,
            "repositoryUri": self.uri(region, name), "createdAt": seconds(repository.created),
            "imageTagMutability": if repository.immutable_tags { "IMMUTABLE" } else { "MUTABLE" },
            "imageScanningConfiguration": { "scanOnPush": false },
            "encryptionConfiguration": { "encryptionType": "AES256" },
        })
    }

    fn describe_images(&self, region: &str, name: &str, input: &Value) -> Answer {
        self.with_repository(region, name, |repository| {
            let details = |digest: &str, image: &Image| {
                let mut detail = json!({
                    "registryId": self.account, "repositoryName": name, "imageDigest": digest,
                    "imageSizeInBytes": image.size, "imagePushedAt": seconds(image.pushed),
                    "imageManifestMediaType": image.media_type,
                });
                if !image.tags.is_empty() {
                    detail["imageTags"] = json!(image.tags);
                }
                detail
            };
            let Some(ids) = input["imageIds"].as_array() else {
                let all: Vec<Value> = repository.images.iter().map(|(digest, image)| details(digest, image)).collect();
                return Ok(json!({ "imageDetails": all }));
            };
            let mut found = Vec::new();
            for id in ids {
                let reference = reference(id);
                let digest = repository.resolve(reference).ok_or_else(|| self.no_image(name, id))?;
                found.extend(repository.images.get(digest).map(|image| details(digest, image)));
            }
            Ok(json!({ "imageDetails": found }))
        })
    }

    fn batch_get_image(&self, region: &str, name: &str, input: &Value) -> Answer {
        let (mut images, mut failures) = (Vec::new(), Vec::new());
        for id in input["imageIds"].as_array().into_iter().flatten() {
            let found = self.with_repository(region, name, |repository| {
                let digest = repository.resolve(reference(id)).map(str::to_owned);
                Ok(digest.and_then(|digest| Some((repository.images.get(&digest)?.media_type.clone(), digest))))
            })?;
            let manifest = found.and_then(|(media_type, digest)| {
                let body = String::from_utf8(self.blobs.read(&digest).ok()?).ok()?;
                Some((media_type, digest, body))
            });
            match manifest {
                Some((media_type, digest, body)) => {
                    let mut shown = id.clone();
                    shown["imageDigest"] = json!(digest);
                    images.push(json!({
                        "registryId": self.account, "repositoryName": name, "imageId": shown, "imageManifest": body,
                        "imageManifestMediaType": media_type,
                    }));
                }
                None => failures.push(json!({
                    "imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found",
                })),
            }
        }
        Ok(json!({ "images": images, "failures": failures }))
    }

    fn batch_delete_image(&self, region: &str, name: &str, input: &Value) -> Answer {
        let answer = self.store.change(|state| {
            let repository = state.repository_mut(region, name).ok_or_else(|| self.not_found(name))?;
            let (mut deleted, mut failures) = (Vec::new(), Vec::new());
            for id in input["imageIds"].as_array().into_iter().flatten() {
                let digest = repository.resolve(reference(id)).map(str::to_owned);
                let Some(digest) = digest else {
                    failures.push(json!({
                        "imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found",
                    }));
                    continue;
                };
                // By tag only the tag goes, unless it is the last.
                let by_tag = id["imageDigest"].is_null();
                let image = repository.images.get_mut(&digest);
                let is_last = image.is_none_or(|image| {
                    image.tags.remove(reference(id));
                    image.tags.is_empty()
                });
                if is_last || !by_tag {
                    repository.images.remove(&digest);
                }
                deleted.push(json!({ "imageDigest": digest, "imageTag": id["imageTag"] }));
            }
            Ok::<_, ServiceError>(json!({ "imageIds": deleted, "failures": failures }))
        })?;
        for gone in answer["imageIds"].as_array().into_iter().flatten() {
            let digest = gone["imageDigest"].as_str().unwrap_or_default();
            self.tell("DELETE", region, name, digest, gone["imageTag"].as_str());
        }
        Ok(answer)
    }

    fn check_layers(&self, region: &str, name: &str, input: &Value) -> Answer {
        self.with_repository(region, name, |repository| {
            let digests = input["layerDigests"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let layers = digests.map(|digest| {
                let is_there = repository.layers.contains(digest);
                let availability = if is_there { "AVAILABLE" } else { "UNAVAILABLE" };
                json!({ "layerDigest": digest, "layerAvailability": availability })
            });
            Ok(json!({ "layers": layers.collect::<Vec<_>>(), "failures": [] }))
        })
    }

    fn put_image(&self, region: &str, name: &str, input: &Value) -> Answer {
        self.with_repository(region, name, |_| Ok(()))?;
        let body = input["imageManifest"].as_str().unwrap_or_default();
        let tag = input["imageTag"].as_str();
        let media_type = input["imageManifestMediaType"].as_str().unwrap_or_default();
        let taken = self.take_manifest(region, name, body.as_bytes(), tag, media_type);
        let digest = taken.map_err(|refusal| {
            let code = match refusal.code {
                "TAG_INVALID" => "ImageTagAlreadyExistsException",
                "MANIFEST_BLOB_UNKNOWN" => "LayersNotFoundException",
                _ => "InvalidParameterException",
            };
            ServiceError::new(code, refusal.message)
        })?;
        Ok(json!({ "image": {
            "registryId": self.account, "repositoryName": name, "imageManifest": body,
            "imageId": { "imageDigest": digest, "imageTag": tag },
        } }))
    }

    pub(super) fn no_image(&self, name: &str, id: &Value) -> ServiceError {
        let message = format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name \
             '{name}' in the registry with id '{}'",
            id["imageDigest"].as_str().unwrap_or("null"),
            id["imageTag"].as_str().unwrap_or("null"),
            self.account
        );
        ServiceError::new("ImageNotFoundException", message)
    }
}

fn reference(id: &Value) -> &str {
    id["imageDigest"].as_str().or_else(|| id["imageTag"].as_str()).unwrap_or_default()
}

fn seconds(time: Timestamp) -> Value {
    json!(time.as_millisecond() as f64 / 1000.0)
}
