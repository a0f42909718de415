"""Secrets Manager: stages, tokens, deletion, replicas. Source: Secrets Manager user guide, "What's in a secret"."""

import uuid

from conformance.asking import equal, eventually, name, refused

OTHER = "ap-southeast-2"


def stages(client, secret: str) -> dict[str, list[str]]:
    versions = client.list_secret_version_ids(SecretId=secret)["Versions"]
    return {one["VersionId"]: sorted(one["VersionStages"]) for one in versions if one.get("VersionStages")}


def check_stages(cloud):
    """A new value is current and the one before is previous; of the third, only the second is previous."""
    client, secret = cloud.client("secretsmanager"), name()
    first = client.create_secret(Name=secret, SecretString="1")["VersionId"]
    second = client.put_secret_value(SecretId=secret, SecretString="2")["VersionId"]
    equal(stages(client, secret), {first: ["AWSPREVIOUS"], second: ["AWSCURRENT"]})
    third = client.put_secret_value(SecretId=secret, SecretString="3")["VersionId"]
    equal(stages(client, secret), {second: ["AWSPREVIOUS"], third: ["AWSCURRENT"]})
    read = lambda stage: client.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"]  # noqa: E731
    equal((read("AWSCURRENT"), read("AWSPREVIOUS")), ("3", "2"))


def check_pending(cloud):
    """A pending value is not current until its stage is moved."""
    client, secret = cloud.client("secretsmanager"), name()
    old = client.create_secret(Name=secret, SecretString="old")["VersionId"]
    new = client.put_secret_value(SecretId=secret, SecretString="new", VersionStages=["AWSPENDING"])["VersionId"]
    equal(client.get_secret_value(SecretId=secret)["SecretString"], "old")
    equal(client.get_secret_value(SecretId=secret, VersionStage="AWSPENDING")["SecretString"], "new")
    client.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=new, RemoveFromVersionId=old)
    equal(client.get_secret_value(SecretId=secret)["SecretString"], "new")
    equal(stages(client, secret)[old], ["AWSPREVIOUS"])


def check_token(cloud):
    """The token is the version's id; the same token with another value is refused."""
    client, secret, token = cloud.client("secretsmanager"), name(), str(uuid.uuid4())
    equal(client.create_secret(Name=secret, SecretString="1", ClientRequestToken=token)["VersionId"], token)
    again = str(uuid.uuid4())
    for _ in range(2):
        equal(client.put_secret_value(SecretId=secret, SecretString="2", ClientRequestToken=again)["VersionId"], again)
    refused("ResourceExistsException", client.put_secret_value, SecretId=secret, SecretString="3", ClientRequestToken=again)
    refused("ResourceExistsException", client.create_secret, Name=secret, SecretString="1")


def check_deletion(cloud):
    """A deleted secret cannot be read, keeps its name, and can be restored; forced, it is gone."""
    client, secret = cloud.client("secretsmanager"), name()
    client.create_secret(Name=secret, SecretString="1")
    client.delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    refused("InvalidRequestException", client.get_secret_value, SecretId=secret)
    refused("InvalidRequestException", client.create_secret, Name=secret, SecretString="2")
    client.restore_secret(SecretId=secret)
    equal(client.get_secret_value(SecretId=secret)["SecretString"], "1")
    client.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    eventually(lambda: refused("ResourceNotFoundException", client.get_secret_value, SecretId=secret)["Error"]["Code"], "ResourceNotFoundException")


def check_replica(cloud):
    """A replica follows its primary, under the same name in the other region, and is not written itself."""
    client, there, secret = cloud.client("secretsmanager"), cloud.client("secretsmanager", OTHER), name()
    client.create_secret(Name=secret, SecretString="1", AddReplicaRegions=[{"Region": OTHER}])
    eventually(lambda: client.describe_secret(SecretId=secret)["ReplicationStatus"][0]["Status"], "InSync")
    equal(there.get_secret_value(SecretId=secret)["SecretString"], "1")
    client.put_secret_value(SecretId=secret, SecretString="2")
    eventually(lambda: there.get_secret_value(SecretId=secret)["SecretString"], "2")
    refused("InvalidRequestException", there.put_secret_value, SecretId=secret, SecretString="3")
    there.stop_replication_to_replica(SecretId=secret)
    there.put_secret_value(SecretId=secret, SecretString="4")
    equal(client.get_secret_value(SecretId=secret)["SecretString"], "2")


def check_batch(cloud):
    """A batch gives what is there and an error for each that is not."""
    client, secret = cloud.client("secretsmanager"), name()
    client.create_secret(Name=secret, SecretString="1")
    found = client.batch_get_secret_value(SecretIdList=[secret, "nobody"])
    equal(([one["SecretString"] for one in found["SecretValues"]], [one["ErrorCode"] for one in found["Errors"]]), (["1"], ["ResourceNotFoundException"]))


def check_binary(cloud):
    """A binary value stays binary."""
    client, secret = cloud.client("secretsmanager"), name()
    client.create_secret(Name=secret, SecretBinary=b"\x00\xff")
    answer = client.get_secret_value(SecretId=secret)
    equal((answer["SecretBinary"], "SecretString" in answer), (b"\x00\xff", False))
