"""Lists every operation of the services that a rehearsal may be asked for, from the pinned botocore.

Usage: operations.py FILE, one line each: service of the signature, protocol, operation, method, path, target or version.
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


def main() -> None:
    Path(sys.argv[1]).write_text("\n".join(lines()) + "\n")


if __name__ == "__main__":
    main()
