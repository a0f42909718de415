"""DynamoDB Streams, and expiry. Source: DynamoDB developer guide, "Change data capture" and "Using time to live"."""

import time

from conformance.asking import equal, eventually, refused
from conformance.dynamodb import table

BOTH = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


def records(cloud, items: str) -> list[dict]:
    """All records of the table's stream, oldest first, shard by shard."""
    streams = cloud.client("dynamodbstreams")
    arn = cloud.client("dynamodb").describe_table(TableName=items)["Table"]["LatestStreamArn"]
    found = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        # An open shard always has a next iterator: an empty answer is its end for now.
        while iterator:
            answer = streams.get_records(ShardIterator=iterator)
            found += answer["Records"]
            iterator = answer.get("NextShardIterator") if answer["Records"] else None
    return found


def check_order_and_images(cloud):
    """A stream has one record for each change of an item, in order, with old and new image."""
    client, items = cloud.client("dynamodb"), table(cloud, **BOTH)
    client.put_item(TableName=items, Item={"k": {"S": "a"}, "v": {"N": "1"}})
    client.put_item(TableName=items, Item={"k": {"S": "a"}, "v": {"N": "2"}})
    client.delete_item(TableName=items, Key={"k": {"S": "a"}})
    eventually(lambda: [record["eventName"] for record in records(cloud, items)], ["INSERT", "MODIFY", "REMOVE"])
    changes = [record["dynamodb"] for record in records(cloud, items)]
    image = lambda change, which: change.get(which, {}).get("v", {}).get("N")  # noqa: E731
    equal([(image(change, "OldImage"), image(change, "NewImage")) for change in changes], [(None, "1"), ("1", "2"), ("2", None)])
    numbers = [int(change["SequenceNumber"]) for change in changes]
    equal(numbers, sorted(set(numbers)))


def check_no_record_without_change(cloud):
    """A write that changes nothing leaves no record."""
    client, items = cloud.client("dynamodb"), table(cloud, **BOTH)
    for _ in range(2):
        client.put_item(TableName=items, Item={"k": {"S": "a"}, "v": {"N": "1"}})
    client.delete_item(TableName=items, Key={"k": {"S": "nobody"}})
    eventually(lambda: [record["eventName"] for record in records(cloud, items)], ["INSERT"])


def check_keys_only(cloud):
    """A stream of keys has no images."""
    client = cloud.client("dynamodb")
    items = table(cloud, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    client.put_item(TableName=items, Item={"k": {"S": "a"}, "v": {"N": "1"}})
    eventually(lambda: len(records(cloud, items)), 1)
    change = records(cloud, items)[0]["dynamodb"]
    equal((change["Keys"], "NewImage" in change, "OldImage" in change), ({"k": {"S": "a"}}, False, False))


def check_iterators(cloud):
    """An iterator may begin at or after a sequence number, or at the end."""
    client, streams, items = cloud.client("dynamodb"), cloud.client("dynamodbstreams"), table(cloud, **BOTH)
    for number in range(3):
        client.put_item(TableName=items, Item={"k": {"S": str(number)}})
    eventually(lambda: len(records(cloud, items)), 3)
    arn = client.describe_table(TableName=items)["Table"]["LatestStreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        ask = dict(StreamArn=arn, ShardId=shard["ShardId"])
        horizon = streams.get_shard_iterator(ShardIteratorType="TRIM_HORIZON", **ask)["ShardIterator"]
        found = streams.get_records(ShardIterator=horizon)["Records"]
        if not found:
            continue
        first = found[0]["dynamodb"]["SequenceNumber"]
        for kind, wanted in (("AT_SEQUENCE_NUMBER", found), ("AFTER_SEQUENCE_NUMBER", found[1:])):
            iterator = streams.get_shard_iterator(ShardIteratorType=kind, SequenceNumber=first, **ask)["ShardIterator"]
            seen = streams.get_records(ShardIterator=iterator)["Records"]
            equal([one["eventID"] for one in seen], [one["eventID"] for one in wanted])
        latest = streams.get_shard_iterator(ShardIteratorType="LATEST", **ask)["ShardIterator"]
        equal(streams.get_records(ShardIterator=latest)["Records"], [])


def check_transaction_in_stream(cloud):
    """Every write of a transaction has its record."""
    client, items = cloud.client("dynamodb"), table(cloud, **BOTH)
    client.transact_write_items(TransactItems=[{"Put": {"TableName": items, "Item": {"k": {"S": key}}}} for key in "abc"])
    eventually(lambda: sorted(record["dynamodb"]["Keys"]["k"]["S"] for record in records(cloud, items)), ["a", "b", "c"])


def check_expiry(cloud):
    """An expired item goes, and its record says that the service deleted it."""
    client, items = cloud.client("dynamodb"), table(cloud, **BOTH)
    client.update_time_to_live(TableName=items, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    equal(client.describe_time_to_live(TableName=items)["TimeToLiveDescription"]["TimeToLiveStatus"] in ("ENABLED", "ENABLING"), True)
    past = str(int(time.time()) - 10)
    client.put_item(TableName=items, Item={"k": {"S": "old"}, "until": {"N": past}})
    client.put_item(TableName=items, Item={"k": {"S": "new"}, "until": {"N": str(int(time.time()) + 10_000_000_000)}})
    client.put_item(TableName=items, Item={"k": {"S": "none"}})
    eventually(lambda: "Item" in client.get_item(TableName=items, Key={"k": {"S": "old"}}), False)
    removed = lambda: [record.get("userIdentity") for record in records(cloud, items) if record["eventName"] == "REMOVE"]  # noqa: E731
    eventually(removed, [{"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}])
    equal("Item" in client.get_item(TableName=items, Key={"k": {"S": "none"}}), True)


def check_point_in_time_recovery(cloud):
    """Point-in-time recovery is off at first and on when it is switched on."""
    client, items = cloud.client("dynamodb"), table(cloud)
    state = lambda: client.describe_continuous_backups(TableName=items)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]  # noqa: E731
    equal(state(), "DISABLED")
    client.update_continuous_backups(TableName=items, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    equal(state(), "ENABLED")


def check_stream_of_nothing(cloud):
    """A stream that is not there is a ResourceNotFoundException."""
    arn = "arn:aws:dynamodb:ap-southeast-1:123456789012:table/nobody/stream/2026-01-01T00:00:00.000"
    refused("ResourceNotFoundException", cloud.client("dynamodbstreams").describe_stream, StreamArn=arn)
