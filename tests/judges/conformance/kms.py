"""KMS: contexts, data keys, replicas, keys that are off. Source: KMS developer guide; API reference."""

from conformance.asking import equal, name, refused

OTHER = "ap-southeast-2"


def key(cloud, **more) -> str:
    return cloud.client("kms").create_key(**more)["KeyMetadata"]["KeyId"]


def check_context(cloud):
    """What was encrypted under a context is decrypted under the same only, and cannot be changed."""
    client, identifier = cloud.client("kms"), key(cloud)
    blob = client.encrypt(KeyId=identifier, Plaintext=b"secret", EncryptionContext={"for": "anna"})["CiphertextBlob"]
    equal(client.decrypt(CiphertextBlob=blob, EncryptionContext={"for": "anna"})["Plaintext"], b"secret")
    refused("InvalidCiphertextException", client.decrypt, CiphertextBlob=blob, EncryptionContext={"for": "bea"})
    refused("InvalidCiphertextException", client.decrypt, CiphertextBlob=blob)
    refused("InvalidCiphertextException", client.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), EncryptionContext={"for": "anna"})
    refused("IncorrectKeyException", client.decrypt, CiphertextBlob=blob, KeyId=key(cloud), EncryptionContext={"for": "anna"})


def check_data_key(cloud):
    """A data key comes plain and encrypted; decrypted, they are the same."""
    client, identifier = cloud.client("kms"), key(cloud)
    data = client.generate_data_key(KeyId=identifier, KeySpec="AES_256")
    equal(len(data["Plaintext"]), 32)
    equal(client.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"], data["Plaintext"])
    hidden = client.generate_data_key_without_plaintext(KeyId=identifier, KeySpec="AES_256")
    equal("Plaintext" in hidden, False)


def check_alias(cloud):
    """An alias stands for its key and can be moved to another; what the old one encrypted stays readable."""
    client, alias = cloud.client("kms"), f"alias/{name()}"
    first, second = key(cloud), key(cloud)
    client.create_alias(AliasName=alias, TargetKeyId=first)
    blob = client.encrypt(KeyId=alias, Plaintext=b"x")
    equal(blob["KeyId"].endswith(first), True)
    client.update_alias(AliasName=alias, TargetKeyId=second)
    equal(client.encrypt(KeyId=alias, Plaintext=b"x")["KeyId"].endswith(second), True)
    equal(client.decrypt(CiphertextBlob=blob["CiphertextBlob"])["Plaintext"], b"x")
    refused("AlreadyExistsException", client.create_alias, AliasName=alias, TargetKeyId=first)
    moved = client.re_encrypt(CiphertextBlob=blob["CiphertextBlob"], DestinationKeyId=second)
    equal(moved["KeyId"].endswith(second), True)


def check_replica(cloud):
    """A replica has its primary's id and decrypts in its region what the primary encrypted, and the other way."""
    here, there = cloud.client("kms"), cloud.client("kms", OTHER)
    identifier = key(cloud, MultiRegion=True)
    equal(identifier.startswith("mrk-"), True)
    replica = here.replicate_key(KeyId=identifier, ReplicaRegion=OTHER)["ReplicaKeyMetadata"]
    equal((replica["KeyId"], replica["MultiRegionConfiguration"]["MultiRegionKeyType"]), (identifier, "REPLICA"))
    blob = here.encrypt(KeyId=identifier, Plaintext=b"x")["CiphertextBlob"]
    equal(there.decrypt(CiphertextBlob=blob)["Plaintext"], b"x")
    blob = there.encrypt(KeyId=identifier, Plaintext=b"y")["CiphertextBlob"]
    equal(here.decrypt(CiphertextBlob=blob)["Plaintext"], b"y")
    refused("UnsupportedOperationException", here.replicate_key, KeyId=key(cloud), ReplicaRegion=OTHER)


def check_single_region(cloud):
    """A key of one region does not decrypt in another."""
    identifier = key(cloud)
    blob = cloud.client("kms").encrypt(KeyId=identifier, Plaintext=b"x")["CiphertextBlob"]
    try:
        cloud.client("kms", OTHER).decrypt(CiphertextBlob=blob)
    except cloud.client("kms", OTHER).exceptions.ClientError as error:
        # Which of the two is said depends on whether the service can read which key it was.
        equal(error.response["Error"]["Code"] in ("AccessDeniedException", "NotFoundException", "InvalidCiphertextException"), True)
    else:
        raise AssertionError("it was decrypted")


def check_off(cloud):
    """A disabled key does nothing; a key that waits for its deletion does nothing and can be saved."""
    client, identifier = cloud.client("kms"), key(cloud)
    blob = client.encrypt(KeyId=identifier, Plaintext=b"x")["CiphertextBlob"]
    client.disable_key(KeyId=identifier)
    refused("DisabledException", client.decrypt, CiphertextBlob=blob)
    client.enable_key(KeyId=identifier)
    client.schedule_key_deletion(KeyId=identifier, PendingWindowInDays=7)
    refused("KMSInvalidStateException", client.decrypt, CiphertextBlob=blob)
    client.cancel_key_deletion(KeyId=identifier)
    equal(client.describe_key(KeyId=identifier)["KeyMetadata"]["KeyState"], "Disabled")
    client.enable_key(KeyId=identifier)
    equal(client.decrypt(CiphertextBlob=blob)["Plaintext"], b"x")
    refused("NotFoundException", client.describe_key, KeyId="00000000-0000-0000-0000-000000000000")
