"""What physically exists after a step, asked of the services themselves."""

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from clouds import Cloud

# The rehearsal's words for a service or an operation that it does not have.
NOT_OFFERED = ("does not offer", "is not there yet")


class NotOffered(Exception):
    pass


def probe(cloud: Cloud, resource_type: str, identifier: str):
    """What the service says about the resource: its facts, or None when it is gone. Raises NotOffered."""
    asks = PROBES.get(resource_type)
    if asks is None:
        return "exists"
    try:
        return asks(cloud, identifier)
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        if any(words in message for words in NOT_OFFERED):
            raise NotOffered(resource_type) from error
        code = error.response["Error"]["Code"]
        if "NotFound" in code or "NonExistent" in code or code in ("404", "NoSuchBucket", "InvalidRequestException"):
            return None
        return f"error {code}"
    except ResponseParserError as error:
        raise NotOffered(resource_type) from error


def parameter(cloud: Cloud, name: str):
    found = cloud.client("ssm").get_parameter(Name=name)["Parameter"]
    return {"type": found["Type"], "value": found["Value"]}


def table(cloud: Cloud, name: str):
    found = cloud.client("dynamodb").describe_table(TableName=name)["Table"]
    return {
        "keys": {key["KeyType"]: key["AttributeName"] for key in found["KeySchema"]},
        "indexes": sorted(index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])),
        "protected": found.get("DeletionProtectionEnabled", False),
    }


def secret(cloud: Cloud, arn: str):
    client = cloud.client("secretsmanager")
    found = client.describe_secret(SecretId=arn)
    if "DeletedDate" in found:
        return None
    return {"name": found["Name"], "description": found.get("Description") or "", "value": client.get_secret_value(SecretId=arn)["SecretString"]}


def pool(cloud: Cloud, identifier: str):
    return {"name": cloud.client("cognito-idp").describe_user_pool(UserPoolId=identifier)["UserPool"]["Name"]}


def queue(cloud: Cloud, url: str):
    name = url.rsplit("/", 1)[-1]
    client = cloud.client("sqs")
    found = client.get_queue_attributes(
        QueueUrl=client.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    return {key: found.get(key) for key in ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "FifoQueue")}


def topic(cloud: Cloud, arn: str):
    found = cloud.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    # ministack gives a topic without a DisplayName its own name.
    display = found.get("DisplayName") or ""
    return {"display": "" if display == arn.rsplit(":", 1)[-1] else display}


def alarm(cloud: Cloud, name: str):
    alarms = cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return {key: alarms[0].get(key) for key in ("MetricName", "Threshold", "Period")} if alarms else None


def bucket(cloud: Cloud, name: str):
    cloud.client("s3").head_bucket(Bucket=name)
    return "exists"


PROBES = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::Cognito::UserPool": pool,
    "AWS::DynamoDB::GlobalTable": table,
    "AWS::S3::Bucket": bucket,
    "AWS::SNS::Topic": topic,
    "AWS::SQS::Queue": queue,
    "AWS::SSM::Parameter": parameter,
    "AWS::SecretsManager::Secret": secret,
}
