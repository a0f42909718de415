"""DynamoDB: conditions, transactions, indexes, pages. Source: DynamoDB developer guide and API reference."""

from conformance.asking import at_once, equal, eventually, name, refused

RACERS = 16


def table(cloud, sort: bool = False, **more) -> str:
    client, table_name = cloud.client("dynamodb"), name()
    keys = ["k", "s"] if sort else ["k"]
    client.create_table(**{
        "TableName": table_name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))],
    } | more)
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return table_name


def check_put_if_absent(cloud):
    """A second put with attribute_not_exists is refused, and the item that is there comes with the refusal."""
    client, items = cloud.client("dynamodb"), table(cloud)
    put = dict(TableName=items, ConditionExpression="attribute_not_exists(k)")
    client.put_item(Item={"k": {"S": "a"}, "v": {"N": "1"}}, **put)
    error = refused(
        "ConditionalCheckFailedException", client.put_item, Item={"k": {"S": "a"}, "v": {"N": "2"}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD", **put,
    )
    equal(error["Item"], {"k": {"S": "a"}, "v": {"N": "1"}})
    equal(client.get_item(TableName=items, Key={"k": {"S": "a"}})["Item"]["v"], {"N": "1"})


def check_one_winner(cloud):
    """Of puts at the same time under one condition exactly one wins."""
    client, items = cloud.client("dynamodb"), table(cloud)
    for item in ("a", "b", "c"):
        ends = at_once(RACERS, lambda index, item=item: client.put_item(
            TableName=items, Item={"k": {"S": item}, "by": {"N": str(index)}}, ConditionExpression="attribute_not_exists(k)"
        ) and "won")
        equal((ends.count("won"), ends.count("ConditionalCheckFailedException")), (1, RACERS - 1))


def check_counter(cloud):
    """Concurrent ADDs lose nothing, and ALL_NEW values are all different."""
    client, items = cloud.client("dynamodb"), table(cloud)
    seen = at_once(RACERS, lambda _: client.update_item(
        TableName=items, Key={"k": {"S": "n"}}, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]["n"]["N"])
    equal(sorted(map(int, seen)), list(range(1, RACERS + 1)))


def check_update_condition(cloud):
    """Update and delete are conditional, too; a false condition changes nothing."""
    client, items = cloud.client("dynamodb"), table(cloud)
    client.put_item(TableName=items, Item={"k": {"S": "a"}, "version": {"N": "1"}})
    change = dict(
        TableName=items, Key={"k": {"S": "a"}}, UpdateExpression="SET version = :new", ConditionExpression="version = :old",
    )
    client.update_item(**change, ExpressionAttributeValues={":old": {"N": "1"}, ":new": {"N": "2"}})
    refused("ConditionalCheckFailedException", client.update_item, **change,
            ExpressionAttributeValues={":old": {"N": "1"}, ":new": {"N": "3"}})
    refused("ConditionalCheckFailedException", client.delete_item, TableName=items, Key={"k": {"S": "a"}},
            ConditionExpression="version = :old", ExpressionAttributeValues={":old": {"N": "1"}})
    equal(client.get_item(TableName=items, Key={"k": {"S": "a"}})["Item"]["version"], {"N": "2"})


def check_transaction_is_whole(cloud):
    """A transaction that one condition refuses writes nothing, and says which of its items was the reason."""
    client, items = cloud.client("dynamodb"), table(cloud)
    client.put_item(TableName=items, Item={"k": {"S": "there"}})
    error = refused("TransactionCanceledException", client.transact_write_items, TransactItems=[
        {"Put": {"TableName": items, "Item": {"k": {"S": "new"}}}},
        {"Put": {"TableName": items, "Item": {"k": {"S": "there"}}, "ConditionExpression": "attribute_not_exists(k)"}},
    ])
    equal([reason["Code"] for reason in error["CancellationReasons"]], ["None", "ConditionalCheckFailed"])
    equal("Item" in client.get_item(TableName=items, Key={"k": {"S": "new"}}), False)


def check_transaction_token(cloud):
    """The same token and the same items is the same transaction; the same token and other items is refused."""
    client, items = cloud.client("dynamodb"), table(cloud)

    def add(amount: str) -> dict:
        return {"ClientRequestToken": token, "TransactItems": [{"Update": {
            "TableName": items, "Key": {"k": {"S": "n"}}, "UpdateExpression": "ADD n :a",
            "ExpressionAttributeValues": {":a": {"N": amount}},
        }}]}

    token = name("token")
    client.transact_write_items(**add("1"))
    client.transact_write_items(**add("1"))
    equal(client.get_item(TableName=items, Key={"k": {"S": "n"}})["Item"]["n"], {"N": "1"})
    refused("IdempotentParameterMismatchException", client.transact_write_items, **add("2"))


def check_transaction_race(cloud):
    """Transactions at the same time on the same items keep what they promise: the sum stays."""
    client, items = cloud.client("dynamodb"), table(cloud)
    client.put_item(TableName=items, Item={"k": {"S": "from"}, "n": {"N": "8"}})
    client.put_item(TableName=items, Item={"k": {"S": "to"}, "n": {"N": "0"}})

    def move(_):
        client.transact_write_items(TransactItems=[
            {"Update": {"TableName": items, "Key": {"k": {"S": "from"}}, "UpdateExpression": "SET n = n - :o",
                        "ConditionExpression": "n >= :o", "ExpressionAttributeValues": {":o": {"N": "1"}}}},
            {"Update": {"TableName": items, "Key": {"k": {"S": "to"}}, "UpdateExpression": "SET n = n + :o",
                        "ExpressionAttributeValues": {":o": {"N": "1"}}}},
        ])
        return "moved"

    moved = at_once(RACERS, move).count("moved")
    found = client.transact_get_items(TransactItems=[
        {"Get": {"TableName": items, "Key": {"k": {"S": key}}}} for key in ("from", "to")
    ])["Responses"]
    equal([one["Item"]["n"]["N"] for one in found], [str(8 - moved), str(moved)])


def check_transaction_refuses_one_item_twice(cloud):
    """One item may be in a transaction once."""
    client, items = cloud.client("dynamodb"), table(cloud)
    put = {"Put": {"TableName": items, "Item": {"k": {"S": "a"}}}}
    refused("ValidationException", client.transact_write_items, TransactItems=[put, put])


def check_order_and_pages(cloud):
    """A query gives the sort keys in order, both ways, page by page."""
    client, items = cloud.client("dynamodb"), table(cloud, sort=True)
    for number in range(25):
        client.put_item(TableName=items, Item={"k": {"S": "a"}, "s": {"S": f"{number:02}"}})
    query = dict(
        TableName=items, KeyConditionExpression="k = :a AND s BETWEEN :from AND :to",
        ExpressionAttributeValues={":a": {"S": "a"}, ":from": {"S": "05"}, ":to": {"S": "19"}},
    )
    pages = list(client.get_paginator("query").paginate(**query, PaginationConfig={"PageSize": 4}))
    equal([item["s"]["S"] for page in pages for item in page["Items"]], [f"{number:02}" for number in range(5, 20)])
    equal(all(page["Count"] <= 4 for page in pages), True)
    equal(client.query(**query, ScanIndexForward=False, Limit=1)["Items"][0]["s"], {"S": "19"})


def check_filter_counts_what_was_read(cloud):
    """Limit counts what is read, not what passes the filter."""
    client, items = cloud.client("dynamodb"), table(cloud, sort=True)
    for number in range(6):
        client.put_item(TableName=items, Item={"k": {"S": "a"}, "s": {"S": str(number)}, "odd": {"BOOL": number % 2 == 1}})
    found = client.query(
        TableName=items, KeyConditionExpression="k = :a", FilterExpression="odd = :yes", Limit=4,
        ExpressionAttributeValues={":a": {"S": "a"}, ":yes": {"BOOL": True}},
    )
    equal((found["Count"], found["ScannedCount"], "LastEvaluatedKey" in found), (2, 4, True))


def check_index(cloud):
    """A global secondary index follows its table, and items without its key are not in it."""
    index = {"IndexName": "by-holder", "KeySchema": [{"AttributeName": "holder", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}
    items = table(
        cloud, GlobalSecondaryIndexes=[index],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("k", "holder")],
    )
    client = cloud.client("dynamodb")
    client.put_item(TableName=items, Item={"k": {"S": "1"}, "holder": {"S": "anna"}, "v": {"S": "x"}})
    client.put_item(TableName=items, Item={"k": {"S": "2"}})
    ask = lambda: client.query(  # noqa: E731 - asked again and again
        TableName=items, IndexName="by-holder", KeyConditionExpression="holder = :o",
        ExpressionAttributeValues={":o": {"S": "anna"}},
    )["Items"]
    eventually(ask, [{"k": {"S": "1"}, "holder": {"S": "anna"}}])
    client.update_item(TableName=items, Key={"k": {"S": "1"}}, UpdateExpression="REMOVE holder")
    eventually(ask, [])
    refused("ValidationException", client.query, TableName=items, IndexName="by-holder", ConsistentRead=True,
            KeyConditionExpression="holder = :o", ExpressionAttributeValues={":o": {"S": "anna"}})


def check_numbers(cloud):
    """Numbers have 38 digits and are compared as numbers; more digits are refused."""
    client, items = cloud.client("dynamodb"), table(cloud)
    long = "1234567890123456789012345678901234567.8"
    client.put_item(TableName=items, Item={"k": {"S": "a"}, "n": {"N": long}})
    equal(client.get_item(TableName=items, Key={"k": {"S": "a"}})["Item"]["n"], {"N": long})
    refused("ConditionalCheckFailedException", client.put_item, TableName=items, Item={"k": {"S": "a"}},
            ConditionExpression="n < :nine", ExpressionAttributeValues={":nine": {"N": "9"}})
    refused("ValidationException", client.put_item, TableName=items, Item={"k": {"S": "a"}, "n": {"N": "9" * 39}})


def check_refusals(cloud):
    """What is not a request is a ValidationException; a table that is not there a ResourceNotFoundException."""
    client, items = cloud.client("dynamodb"), table(cloud)
    refused("ValidationException", client.put_item, TableName=items, Item={"other": {"S": "a"}})
    refused("ValidationException", client.put_item, TableName=items, Item={"k": {"N": "1"}})
    refused("ValidationException", client.put_item, TableName=items, Item={"k": {"S": ""}})
    refused("ValidationException", client.update_item, TableName=items, Key={"k": {"S": "a"}}, UpdateExpression="SET k = :k", ExpressionAttributeValues={":k": {"S": "b"}})
    refused("ValidationException", client.put_item, TableName=items, Item={"k": {"S": "a"}}, ConditionExpression="v = :v", ExpressionAttributeValues={":v": {"S": "x"}, ":w": {"S": "y"}})
    refused("ResourceNotFoundException", client.get_item, TableName=name(), Key={"k": {"S": "a"}})
    refused("ResourceInUseException", client.create_table, TableName=items, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}])


def check_batches(cloud):
    """A batch of 25 is written and 100 are read; one more is refused."""
    client, items = cloud.client("dynamodb"), table(cloud)
    puts = [{"PutRequest": {"Item": {"k": {"S": str(number)}}}} for number in range(26)]
    refused("ValidationException", client.batch_write_item, RequestItems={items: puts})
    equal(client.batch_write_item(RequestItems={items: puts[:25]})["UnprocessedItems"], {})
    keys = [{"k": {"S": str(number)}} for number in range(30)]
    equal(len(client.batch_get_item(RequestItems={items: {"Keys": keys}})["Responses"][items]), 25)


def check_regions_are_apart(cloud):
    """A table of one region is not in another."""
    items = table(cloud)
    refused("ResourceNotFoundException", cloud.client("dynamodb", "ap-southeast-2").describe_table, TableName=items)


def check_global_table(cloud):
    """What is written in one region of a global table comes to the other; a delete does, too."""
    here, there = cloud.client("dynamodb"), cloud.client("dynamodb", "ap-southeast-2")
    items = table(cloud, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    here.update_table(TableName=items, ReplicaUpdates=[{"Create": {"RegionName": "ap-southeast-2"}}])
    eventually(lambda: here.describe_table(TableName=items)["Table"]["Replicas"][0]["ReplicaStatus"], "ACTIVE")
    here.put_item(TableName=items, Item={"k": {"S": "a"}, "v": {"S": "here"}})
    read = lambda: there.get_item(TableName=items, Key={"k": {"S": "a"}}).get("Item", {}).get("v")  # noqa: E731
    eventually(read, {"S": "here"})
    there.delete_item(TableName=items, Key={"k": {"S": "a"}})
    eventually(lambda: "Item" in here.get_item(TableName=items, Key={"k": {"S": "a"}}), False)
