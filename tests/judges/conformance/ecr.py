"""ECR: a push and a pull by plain HTTP. Source: OCI distribution specification 1.1; ECR user guide, "HTTP API"."""

import base64
import hashlib
import http.client
import json
from urllib.parse import urlsplit

from conformance.asking import equal, name, refused

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """Speaks the distribution protocol to one repository."""

    def __init__(self, cloud, **repository):
        self.client, self.repository = cloud.client("ecr"), name("app")
        self.client.create_repository(repositoryName=self.repository, **repository)
        data = self.client.get_authorization_token()["authorizationData"][0]
        equal(base64.b64decode(data["authorizationToken"]).startswith(b"AWS:"), True)
        self.address = urlsplit(data["proxyEndpoint"]).netloc
        self.headers = {"Authorization": f"Basic {data['authorizationToken']}"}

    def call(self, method: str, path: str, body: bytes = b"", headers: dict | None = None):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        connection.request(method, path, body, {**self.headers, **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def path(self, rest: str) -> str:
        return f"/v2/{self.repository}/{rest}"

    def push_blob(self, content: bytes) -> str:
        """In two chunks, as Docker does."""
        digest = digest_of(content)
        status, headers, _ = self.call("POST", self.path("blobs/uploads/"))
        equal(status, 202)
        half = len(content) // 2
        status, headers, _ = self.call("PATCH", local(headers["Location"]), content[:half], {"Content-Range": f"0-{half - 1}"})
        equal(status, 202)
        place = local(headers["Location"])
        status, headers, _ = self.call("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", content[half:])
        equal((status, headers["Docker-Content-Digest"]), (201, digest))
        return digest

    def push(self, tag: str, layer: bytes) -> str:
        config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
        parts = [{"mediaType": kind, "digest": self.push_blob(content), "size": len(content)} for kind, content in (
            ("application/vnd.oci.image.config.v1+json", config), ("application/vnd.oci.image.layer.v1.tar", layer),
        )]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}).encode()
        status, headers, content = self.call("PUT", self.path(f"manifests/{tag}"), manifest, {"Content-Type": MANIFEST})
        equal((status, content if status != 201 else headers["Docker-Content-Digest"]), (201, digest_of(manifest)))
        return digest_of(manifest)


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def local(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def check_push_and_pull(cloud):
    """What was pushed is pulled by tag and by digest, blob by blob, and ECR describes it."""
    registry = Registry(cloud)
    equal(registry.call("GET", "/v2/")[0], 200)
    digest = registry.push("v1", b"layer one")
    for reference in ("v1", digest):
        status, headers, content = registry.call("GET", registry.path(f"manifests/{reference}"), headers={"Accept": MANIFEST})
        equal((status, headers["Content-Type"], headers["Docker-Content-Digest"], digest_of(content)), (200, MANIFEST, digest, digest))
    layer = json.loads(content)["layers"][0]["digest"]
    equal(registry.call("GET", registry.path(f"blobs/{layer}"))[2], b"layer one")
    equal(registry.call("HEAD", registry.path(f"blobs/{layer}"))[0], 200)
    image = registry.client.describe_images(repositoryName=registry.repository)["imageDetails"][0]
    equal((image["imageDigest"], image["imageTags"]), (digest, ["v1"]))


def check_tag_moves(cloud):
    """A tag moves to a new image, and the old one stays by its digest; an immutable tag does not move."""
    registry = Registry(cloud)
    first, second = registry.push("latest", b"one"), registry.push("latest", b"two")
    equal(registry.call("HEAD", registry.path("manifests/latest"))[1]["Docker-Content-Digest"], second)
    equal(registry.call("HEAD", registry.path(f"manifests/{first}"))[0], 200)
    fixed = Registry(cloud, imageTagMutability="IMMUTABLE")
    fixed.push("v1", b"one")
    try:
        fixed.push("v1", b"two")
    except AssertionError as error:
        equal("TAG_INVALID" in str(error) or "ImageTagAlreadyExists" in str(error), True)
    else:
        raise AssertionError("an immutable tag was moved")


def check_wrong_digest(cloud):
    """A blob whose content is not what its digest says is refused and not there."""
    registry = Registry(cloud)
    _, headers, _ = registry.call("POST", registry.path("blobs/uploads/"))
    wrong = digest_of(b"other")
    status, _, content = registry.call("PUT", f"{local(headers['Location'])}?digest={wrong}", b"content")
    equal((status, json.loads(content)["errors"][0]["code"]), (400, "DIGEST_INVALID"))
    equal(registry.call("HEAD", registry.path(f"blobs/{wrong}"))[0], 404)


def check_missing_layer(cloud):
    """A manifest whose layers are not there is refused."""
    registry = Registry(cloud)
    absent = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest_of(b"absent"), "size": 6}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": absent, "layers": [absent]}).encode()
    status, _, content = registry.call("PUT", registry.path("manifests/v1"), manifest, {"Content-Type": MANIFEST})
    # The specification says 404 where a blob is unknown; registries say 400, too.
    equal((status in (400, 404), json.loads(content)["errors"][0]["code"]), (True, "MANIFEST_BLOB_UNKNOWN"))


def check_without_token(cloud):
    """Without a token the registry asks for one."""
    registry = Registry(cloud)
    registry.headers = {}
    status, headers, _ = registry.call("GET", "/v2/")
    equal((status, headers["WWW-Authenticate"].startswith("Basic ")), (401, True))


def check_names(cloud):
    """A repository's name is taken once; one that is not there is refused by ECR and by the registry."""
    registry = Registry(cloud)
    refused("RepositoryAlreadyExistsException", registry.client.create_repository, repositoryName=registry.repository)
    refused("RepositoryNotFoundException", registry.client.describe_images, repositoryName="nobody")
    equal(registry.call("GET", "/v2/nobody/tags/list")[0], 404)
    registry.push("v1", b"x")
    refused("RepositoryNotEmptyException", registry.client.delete_repository, repositoryName=registry.repository)
    found = registry.client.batch_get_image(repositoryName=registry.repository, imageIds=[{"imageTag": "v1"}, {"imageTag": "v2"}])
    equal((len(found["images"]), [one["failureCode"] for one in found["failures"]]), (1, ["ImageNotFound"]))
