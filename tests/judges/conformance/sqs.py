"""SQS: order, deduplication, visibility, dead letters. Source: SQS developer guide, "FIFO delivery logic"; API reference."""

import json
import time

from conformance.asking import equal, eventually, name, refused


def queue(cloud, fifo: bool = False, **attributes) -> str:
    if fifo:
        attributes["FifoQueue"] = "true"
    return cloud.client("sqs").create_queue(QueueName=name() + (".fifo" if fifo else ""), Attributes=attributes)["QueueUrl"]


def receive(cloud, url: str, **more) -> list[dict]:
    return cloud.client("sqs").receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, "WaitTimeSeconds": 1} | more).get("Messages", [])


def bodies(messages: list[dict]) -> list[str]:
    return [message["Body"] for message in messages]


def arn_of(cloud, url: str) -> str:
    return cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def check_order_within_a_group(cloud):
    """Messages of one group come in the order in which they were sent, and the group waits while one is in flight."""
    client, url = cloud.client("sqs"), queue(cloud, fifo=True, ContentBasedDeduplication="true")
    sent = [client.send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="g") for number in range(5)]
    numbers = [int(one["SequenceNumber"]) for one in sent]
    equal(numbers, sorted(set(numbers)))
    first = receive(cloud, url, MaxNumberOfMessages=2)
    equal(bodies(first), ["0", "1"])
    equal(receive(cloud, url, WaitTimeSeconds=0), [])
    client.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
    equal(receive(cloud, url, WaitTimeSeconds=0), [])
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=first[1]["ReceiptHandle"], VisibilityTimeout=0)
    equal(bodies(receive(cloud, url)), ["1", "2", "3", "4"])


def check_groups_do_not_wait_for_each_other(cloud):
    """While one group is in flight, another is delivered."""
    client, url = cloud.client("sqs"), queue(cloud, fifo=True, ContentBasedDeduplication="true")
    for group in "ab":
        client.send_message(QueueUrl=url, MessageBody=group, MessageGroupId=group)
    seen = bodies(receive(cloud, url, MaxNumberOfMessages=1)) + bodies(receive(cloud, url, MaxNumberOfMessages=1))
    equal(sorted(seen), ["a", "b"])


def check_deduplication(cloud):
    """A message with the same deduplication id is accepted with the same message id and not delivered again."""
    client, url = cloud.client("sqs"), queue(cloud, fifo=True)
    send = dict(QueueUrl=url, MessageGroupId="g", MessageDeduplicationId="d")
    first = client.send_message(MessageBody="one", **send)
    second = client.send_message(MessageBody="two", **send)
    equal((second["MessageId"], second["SequenceNumber"]), (first["MessageId"], first["SequenceNumber"]))
    found = receive(cloud, url)
    equal(bodies(found), ["one"])
    client.delete_message(QueueUrl=url, ReceiptHandle=found[0]["ReceiptHandle"])
    client.send_message(MessageBody="three", **send)
    equal(receive(cloud, url, WaitTimeSeconds=0), [])


def check_content_deduplicates(cloud):
    """With deduplication by content, equal bodies are one message and different bodies are two."""
    client, url = cloud.client("sqs"), queue(cloud, fifo=True, ContentBasedDeduplication="true")
    for body in ("x", "x", "y"):
        client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    equal(bodies(receive(cloud, url)), ["x", "y"])


def check_fifo_refusals(cloud):
    """A FIFO queue wants a group and something to deduplicate by, and a name that ends in .fifo."""
    client, url = cloud.client("sqs"), queue(cloud, fifo=True)
    refused("MissingParameter", client.send_message, QueueUrl=url, MessageBody="x")
    refused("InvalidParameterValue", client.send_message, QueueUrl=url, MessageBody="x", MessageGroupId="g")
    refused("InvalidParameterValue", client.create_queue, QueueName=name(), Attributes={"FifoQueue": "true"})
    refused("AWS.SimpleQueueService.NonExistentQueue", client.get_queue_url, QueueName=name())


def check_visibility(cloud):
    """A message that was received is hidden for the timeout, then comes again with a higher count."""
    client, url = cloud.client("sqs"), queue(cloud, VisibilityTimeout="1")
    client.send_message(QueueUrl=url, MessageBody="x")
    ask = dict(MessageSystemAttributeNames=["ApproximateReceiveCount"])
    first = receive(cloud, url, **ask)
    equal([first[0]["Body"], first[0]["Attributes"]["ApproximateReceiveCount"]], ["x", "1"])
    equal(receive(cloud, url, WaitTimeSeconds=0), [])
    again = receive(cloud, url, WaitTimeSeconds=3, **ask)
    equal([again[0]["Body"], again[0]["Attributes"]["ApproximateReceiveCount"]], ["x", "2"])
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=again[0]["ReceiptHandle"], VisibilityTimeout=0)
    equal(bodies(receive(cloud, url)), ["x"])


def check_delay(cloud):
    """A delayed message is not delivered before its time."""
    client, url = cloud.client("sqs"), queue(cloud)
    client.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=1)
    equal(receive(cloud, url, WaitTimeSeconds=0), [])
    equal(bodies(receive(cloud, url, WaitTimeSeconds=4)), ["x"])


def check_long_poll(cloud):
    """A long poll waits, and ends when a message comes."""
    url = queue(cloud)
    began = time.monotonic()
    equal(receive(cloud, url, WaitTimeSeconds=1), [])
    equal(0.9 <= time.monotonic() - began, True)
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="x", DelaySeconds=1)
    began = time.monotonic()
    equal(bodies(receive(cloud, url, WaitTimeSeconds=15)), ["x"])
    equal(time.monotonic() - began < 10, True)


def dead_letters(cloud, fifo: bool) -> tuple[str, str]:
    more = {"ContentBasedDeduplication": "true"} if fifo else {}
    dead = queue(cloud, fifo, **more)
    policy = json.dumps({"deadLetterTargetArn": arn_of(cloud, dead), "maxReceiveCount": "2"})
    return queue(cloud, fifo, RedrivePolicy=policy, VisibilityTimeout="0", **more), dead


def check_dead_letters(cloud):
    """After as many receives as allowed a message goes to the dead letters, and a move task brings it back."""
    client = cloud.client("sqs")
    url, dead = dead_letters(cloud, fifo=False)
    client.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        equal(bodies(receive(cloud, url)), ["poison"])
    equal(receive(cloud, url, WaitTimeSeconds=0), [])
    equal(bodies(receive(cloud, dead, VisibilityTimeout=0)), ["poison"])
    equal(client.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])
    client.start_message_move_task(SourceArn=arn_of(cloud, dead))
    eventually(lambda: client.list_message_move_tasks(SourceArn=arn_of(cloud, dead))["Results"][0]["Status"], "COMPLETED")
    equal(bodies(receive(cloud, url)), ["poison"])


def check_dead_letters_of_fifo(cloud):
    """A FIFO queue's dead letters go to a FIFO queue, and free their group."""
    client = cloud.client("sqs")
    url, dead = dead_letters(cloud, fifo=True)
    for body in ("poison", "good"):
        client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    for _ in range(2):
        equal(bodies(receive(cloud, url, MaxNumberOfMessages=1)), ["poison"])
    equal(bodies(receive(cloud, url, MaxNumberOfMessages=1)), ["good"])
    equal(bodies(receive(cloud, dead)), ["poison"])


def check_batches(cloud):
    """A batch answers entry by entry; an empty one, a doubled id and an eleventh entry are refused."""
    client, url = cloud.client("sqs"), queue(cloud)
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(11)]
    refused("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", client.send_message_batch, QueueUrl=url, Entries=entries)
    refused("AWS.SimpleQueueService.EmptyBatchRequest", client.send_message_batch, QueueUrl=url, Entries=[])
    refused("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", client.send_message_batch, QueueUrl=url, Entries=entries[:1] * 2)
    equal(len(client.send_message_batch(QueueUrl=url, Entries=entries[:10])["Successful"]), 10)
    found = {message["Body"]: message["ReceiptHandle"] for message in receive(cloud, url) + receive(cloud, url, WaitTimeSeconds=0)}
    equal(sorted(found, key=int), [str(number) for number in range(10)])
    answer = client.delete_message_batch(QueueUrl=url, Entries=[
        {"Id": "good", "ReceiptHandle": found["1"]}, {"Id": "bad", "ReceiptHandle": "nonsense"},
    ])
    equal([one["Id"] for one in answer["Successful"]], ["good"])
    equal([one["Id"] for one in answer["Failed"]], ["bad"])


def check_attributes(cloud):
    """Message attributes travel; boto3 checks the MD5 of body and attributes itself."""
    client, url = cloud.client("sqs"), queue(cloud)
    client.send_message(QueueUrl=url, MessageBody="x", MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "booking"}, "count": {"DataType": "Number", "StringValue": "3"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    })
    found = receive(cloud, url, MessageAttributeNames=["All"])[0]["MessageAttributes"]
    equal((found["kind"]["StringValue"], found["count"]["DataType"], found["raw"]["BinaryValue"]), ("booking", "Number", b"\x00\xff"))


def check_same_name(cloud):
    """Creating a queue again with the same attributes gives the queue, with others it is refused."""
    client, queue_name = cloud.client("sqs"), name()
    url = client.create_queue(QueueName=queue_name, Attributes={"DelaySeconds": "1"})["QueueUrl"]
    equal(client.create_queue(QueueName=queue_name, Attributes={"DelaySeconds": "1"})["QueueUrl"], url)
    refused("QueueAlreadyExists", client.create_queue, QueueName=queue_name, Attributes={"DelaySeconds": "2"})
    refused("AWS.SimpleQueueService.NonExistentQueue", cloud.client("sqs", "ap-southeast-2").get_queue_url, QueueName=queue_name)
