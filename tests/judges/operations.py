"""Lists what a rehearsal may be asked for, from the pinned botocore: operations, and the inputs of CloudFormation's.

Usage: operations.py OPERATIONS INPUTS. The first file has one line for each operation: service of the signature, protocol,
operation, method, path, target or version. The second one for each member of an input: operation, path (`Tags[].Key`).
"""

import sys
from pathlib import Path

import botocore.session

SERVICES = {
    "acm": ["json"],
    "apigateway": ["rest"],
    "application-autoscaling": ["json"],
    "cloudformation": ["query"],
    "cloudfront": ["rest"],
    "cloudwatch": ["json", "query"],
    "cognito-idp": ["json"],
    "dynamodb": ["json"],
    "dynamodbstreams": ["json"],
    "ec2": ["query"],
    "ecr": ["json"],
    "ecs": ["json"],
    "elbv2": ["query"],
    "events": ["json"],
    "iam": ["query"],
    "kms": ["json"],
    "lambda": ["rest"],
    "logs": ["json"],
    "route53": ["rest"],
    "s3": ["rest"],
    "scheduler": ["rest"],
    "secretsmanager": ["json"],
    "sesv2": ["rest"],
    "sns": ["query"],
    "sqs": ["json"],
    "ssm": ["json"],
    "sts": ["query"],
}


def lines():
    session = botocore.session.get_session()
    for name, protocols in SERVICES.items():
        model = session.get_service_model(name)
        signing = model.metadata.get("signingName") or model.metadata["endpointPrefix"]
        for operation in model.operation_names:
            http = model.operation_model(operation).http
            for protocol in protocols:
                last = {
                    "json": f"{model.metadata.get('targetPrefix')}.{operation}",
                    "query": model.metadata["apiVersion"],
                    "rest": "",
                }[protocol]
                path = http["requestUri"] if protocol == "rest" else "/"
                yield "\t".join([signing, protocol, operation, http["method"], path, last])


def inputs():
    model = botocore.session.get_session().get_service_model("cloudformation")
    for operation in model.operation_names:
        for path in leaves(model.operation_model(operation).input_shape):
            yield f"{operation}\t{path}"


def leaves(shape, path: str = ""):
    """The paths of what carries a value; `[]` stands for the numbers of a list's or a map's members."""
    if shape is None:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    elif shape.type_name == "list":
        yield from leaves(shape.member, f"{path}[]")
    elif shape.type_name == "map":
        yield from leaves(shape.key, f"{path}[].key")
        yield from leaves(shape.value, f"{path}[].value")
    else:
        yield path


def main() -> None:
    for file, found in zip(sys.argv[1:], (lines(), inputs()), strict=True):
        Path(file).write_text("\n".join(found) + "\n")


if __name__ == "__main__":
    main()
