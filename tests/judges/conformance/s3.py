"""S3: conditional writes and reads, versions, parts, lists. Source: S3 user guide, "Conditional requests"; API reference."""

from botocore.exceptions import ClientError

from conformance.asking import at_once, equal, name, refused
from rehearsal import REGION

RACERS = 16
PART = 5 * 1024 * 1024


def bucket(cloud) -> str:
    bucket_name = name("bucket")
    client = cloud.client("s3")
    client.create_bucket(Bucket=bucket_name, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.get_waiter("bucket_exists").wait(Bucket=bucket_name, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    return bucket_name


def check_put_if_none_match(cloud):
    """A put under If-None-Match: * succeeds once; after a delete it succeeds again."""
    client, there = cloud.client("s3"), bucket(cloud)
    put = dict(Bucket=there, Key="lock", IfNoneMatch="*")
    client.put_object(Body=b"one", **put)
    refused("PreconditionFailed", client.put_object, Body=b"two", **put)
    equal(client.get_object(Bucket=there, Key="lock")["Body"].read(), b"one")
    client.delete_object(Bucket=there, Key="lock")
    client.put_object(Body=b"three", **put)


def check_one_winner(cloud):
    """Of puts at the same time under If-None-Match: * exactly one wins."""
    client, there = cloud.client("s3"), bucket(cloud)
    for key in "abc":
        ends = at_once(RACERS, lambda index, key=key: client.put_object(Bucket=there, Key=key, Body=str(index).encode(), IfNoneMatch="*") and index)
        winners = [end for end in ends if isinstance(end, int)]
        equal(len(winners), 1)
        equal(set(end for end in ends if isinstance(end, str)) <= {"PreconditionFailed", "ConditionalRequestConflict"}, True)
        equal(client.get_object(Bucket=there, Key=key)["Body"].read(), str(winners[0]).encode())


def check_put_if_match(cloud):
    """A put under If-Match wants the ETag that is there; of two with the same one wins."""
    client, there = cloud.client("s3"), bucket(cloud)
    first = client.put_object(Bucket=there, Key="state", Body=b"1")["ETag"]
    second = client.put_object(Bucket=there, Key="state", Body=b"2", IfMatch=first)["ETag"]
    refused("PreconditionFailed", client.put_object, Bucket=there, Key="state", Body=b"3", IfMatch=first)
    refused("NoSuchKey", client.put_object, Bucket=there, Key="nobody", Body=b"3", IfMatch=first)
    ends = at_once(RACERS, lambda index: client.put_object(Bucket=there, Key="state", Body=f"r{index}".encode(), IfMatch=second) and "won")
    equal(ends.count("won"), 1)


def check_conditional_read(cloud):
    """A read that the condition refuses is 304 or 412."""
    client, there = cloud.client("s3"), bucket(cloud)
    tag = client.put_object(Bucket=there, Key="k", Body=b"x")["ETag"]
    equal(client.get_object(Bucket=there, Key="k", IfMatch=tag)["Body"].read(), b"x")
    for arguments, status in (({"IfNoneMatch": tag}, 304), ({"IfMatch": '"other"'}, 412)):
        try:
            client.get_object(Bucket=there, Key="k", **arguments)
        except ClientError as error:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status)
        else:
            raise AssertionError(f"{arguments} was not refused")


def check_conditional_delete(cloud):
    """A delete under If-Match removes what it names and nothing else."""
    client, there = cloud.client("s3"), bucket(cloud)
    tag = client.put_object(Bucket=there, Key="k", Body=b"x")["ETag"]
    refused("PreconditionFailed", client.delete_object, Bucket=there, Key="k", IfMatch='"other"')
    client.delete_object(Bucket=there, Key="k", IfMatch=tag)
    refused("NoSuchKey", client.get_object, Bucket=there, Key="k")


def check_parts(cloud):
    """An object of parts is there when it is completed and not before; If-None-Match holds for it, too."""
    client, there = cloud.client("s3"), bucket(cloud)

    def upload(body: bytes, **condition):
        ask = dict(Bucket=there, Key="big", UploadId=client.create_multipart_upload(Bucket=there, Key="big")["UploadId"])
        parts = []
        for number, start in enumerate(range(0, len(body), PART), 1):
            tag = client.upload_part(PartNumber=number, Body=body[start:start + PART], **ask)["ETag"]
            parts.append({"PartNumber": number, "ETag": tag})
        return lambda: client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **ask, **condition)

    body = b"x" * PART + b"end"
    complete = upload(body, IfNoneMatch="*")
    refused("NoSuchKey", client.get_object, Bucket=there, Key="big")
    equal(complete()["ETag"].strip('"').endswith("-2"), True)
    equal(client.get_object(Bucket=there, Key="big", Range=f"bytes={PART - 1}-")["Body"].read(), b"xend")
    refused("PreconditionFailed", upload(b"other", IfNoneMatch="*"))


def check_versions(cloud):
    """With versioning a delete leaves a marker, and older versions can be read."""
    client, there = cloud.client("s3"), bucket(cloud)
    client.put_bucket_versioning(Bucket=there, VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket=there, Key="k", Body=b"1")["VersionId"]
    second = client.put_object(Bucket=there, Key="k", Body=b"2")["VersionId"]
    marker = client.delete_object(Bucket=there, Key="k")
    equal(marker["DeleteMarker"], True)
    refused("NoSuchKey", client.get_object, Bucket=there, Key="k")
    equal(client.get_object(Bucket=there, Key="k", VersionId=first)["Body"].read(), b"1")
    listed = client.list_object_versions(Bucket=there, Prefix="k")
    equal([one["VersionId"] for one in listed["Versions"]], [second, first])
    client.delete_object(Bucket=there, Key="k", VersionId=marker["VersionId"])
    equal(client.get_object(Bucket=there, Key="k")["Body"].read(), b"2")


def check_lists(cloud):
    """Lists come in order, page by page, with folders by the delimiter."""
    client, there = cloud.client("s3"), bucket(cloud)
    keys = [f"a/{number:02}" for number in range(7)] + ["b/x", "top"]
    for key in keys:
        client.put_object(Bucket=there, Key=key, Body=b"")
    pages = list(client.get_paginator("list_objects_v2").paginate(Bucket=there, PaginationConfig={"PageSize": 3}))
    equal([one["Key"] for page in pages for one in page["Contents"]], keys)
    found = client.list_objects_v2(Bucket=there, Delimiter="/")
    equal([one["Prefix"] for one in found["CommonPrefixes"]] + [one["Key"] for one in found["Contents"]], ["a/", "b/", "top"])


def check_presigned(cloud):
    """A presigned address is read without a signature of its own."""
    import urllib.request

    client, there = cloud.client("s3", signature_version="s3v4"), bucket(cloud)
    client.put_object(Bucket=there, Key="k", Body=b"x")
    url = client.generate_presigned_url("get_object", Params={"Bucket": there, "Key": "k"}, ExpiresIn=60)
    with urllib.request.urlopen(url, timeout=10) as answer:
        equal(answer.read(), b"x")


def check_full_bucket_stays(cloud):
    """A bucket that is not empty cannot be deleted; one of another region is there and not here."""
    client, there = cloud.client("s3"), bucket(cloud)
    client.put_object(Bucket=there, Key="k", Body=b"x")
    refused("BucketNotEmpty", client.delete_bucket, Bucket=there)
    refused("NoSuchBucket", client.list_objects_v2, Bucket=name("bucket"))
    client.delete_object(Bucket=there, Key="k")
    client.delete_bucket(Bucket=there)
    client.get_waiter("bucket_not_exists").wait(Bucket=there, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
