//! Names of images as task definitions write them.

/// `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@<digest>`, or with a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageReference {
    pub(super) region: String,
    pub(super) repository: String,
    /// A digest or a tag.
    pub(super) version: String,
}

impl ImageReference {
    /// None for an image of another registry.
    pub(super) fn parse(image: &str, account: &str) -> Option<Self> {
        let (host, path) = image.split_once('/')?;
        let rest = host.strip_prefix(account)?.strip_prefix(".dkr.ecr.")?;
        let region = rest.strip_suffix(".amazonaws.com")?;
        let (repository, version) = match (path.split_once('@'), path.split_once(':')) {
            // A tag beside a digest says nothing.
            (Some((name, digest)), _) => (name.split(':').next().unwrap_or(name), digest),
            (None, Some((name, tag))) => (name, tag),
            (None, None) => (path, "latest"),
        };
        Some(Self { region: region.to_owned(), repository: repository.to_owned(), version: version.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::ImageReference;

    #[test]
    fn images_of_the_own_registry_are_taken_apart() {
        let home = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com";
        for (image, expected) in [
            (format!("{home}/como/runtime@sha256:ab"), Some(("como/runtime", "sha256:ab"))),
            (format!("{home}/como/runtime:v1@sha256:ab"), Some(("como/runtime", "sha256:ab"))),
            (format!("{home}/como/runtime:v1"), Some(("como/runtime", "v1"))),
            (format!("{home}/runtime"), Some(("runtime", "latest"))),
            ("public.ecr.aws/nginx/nginx:1".to_owned(), None),
            ("x@sha256:1".to_owned(), None),
        ] {
            let parsed = ImageReference::parse(&image, "123456789012");
            let parts = parsed.as_ref().map(|one| (one.repository.as_str(), one.version.as_str()));
            assert_eq!(parts, expected, "{image}");
            assert!(parsed.is_none_or(|one| one.region == "ap-southeast-1"));
        }
    }
}
