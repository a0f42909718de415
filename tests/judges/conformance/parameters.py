"""Parameter Store. Source: Systems Manager API reference, PutParameter, GetParametersByPath, LabelParameterVersion."""

from conformance.asking import equal, name, refused


def check_versions(cloud):
    """Every change is a version, read by number; without Overwrite a second put is refused."""
    client, path = cloud.client("ssm"), f"/{name()}"
    equal(client.put_parameter(Name=path, Type="String", Value="one")["Version"], 1)
    refused("ParameterAlreadyExists", client.put_parameter, Name=path, Type="String", Value="two")
    equal(client.put_parameter(Name=path, Value="two", Overwrite=True)["Version"], 2)
    equal(client.get_parameter(Name=path)["Parameter"]["Value"], "two")
    equal(client.get_parameter(Name=f"{path}:1")["Parameter"]["Value"], "one")
    refused("ParameterVersionNotFound", client.get_parameter, Name=f"{path}:9")
    history = client.get_parameter_history(Name=path)["Parameters"]
    equal([one["Value"] for one in history], ["one", "two"])


def check_labels(cloud):
    """A label names one version and moves to another."""
    client, path = cloud.client("ssm"), f"/{name()}"
    client.put_parameter(Name=path, Type="String", Value="one")
    client.put_parameter(Name=path, Value="two", Overwrite=True)
    client.label_parameter_version(Name=path, ParameterVersion=1, Labels=["stable"])
    equal(client.get_parameter(Name=f"{path}:stable")["Parameter"]["Value"], "one")
    client.label_parameter_version(Name=path, ParameterVersion=2, Labels=["stable"])
    equal(client.get_parameter(Name=f"{path}:stable")["Parameter"]["Value"], "two")


def check_secure(cloud):
    """A SecureString is readable with decryption only."""
    client, path = cloud.client("ssm"), f"/{name()}"
    client.put_parameter(Name=path, Type="SecureString", Value="hidden")
    equal(client.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"], "hidden")
    plain = client.get_parameter(Name=path)["Parameter"]
    equal((plain["Type"], plain["Value"] == "hidden"), ("SecureString", False))


def check_paths(cloud):
    """A path gives its own level, or all below it, page by page."""
    client, path = cloud.client("ssm"), f"/{name()}"
    for number in range(12):
        client.put_parameter(Name=f"{path}/{number:02}", Type="String", Value="x")
    client.put_parameter(Name=f"{path}/deep/er", Type="String", Value="x")
    pages = list(client.get_paginator("get_parameters_by_path").paginate(Path=path, PaginationConfig={"PageSize": 5}))
    equal([one["Name"] for page in pages for one in page["Parameters"]], [f"{path}/{number:02}" for number in range(12)])
    everything = client.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True).build_full_result()
    equal(len(everything["Parameters"]), 13)


def check_missing(cloud):
    """Names that are not there are named, or refused where only one was asked for."""
    client, path = cloud.client("ssm"), f"/{name()}"
    client.put_parameter(Name=path, Type="String", Value="x")
    found = client.get_parameters(Names=[path, "/nobody"])
    equal(([one["Name"] for one in found["Parameters"]], found["InvalidParameters"]), ([path], ["/nobody"]))
    refused("ParameterNotFound", client.get_parameter, Name="/nobody")
    refused("ParameterNotFound", client.delete_parameter, Name="/nobody")
    refused("ParameterNotFound", cloud.client("ssm", "ap-southeast-2").get_parameter, Name=path)


def check_patterns(cloud):
    """A value that its pattern forbids, or that is too long, is refused."""
    client, path = cloud.client("ssm"), f"/{name()}"
    refused("ParameterPatternMismatchException", client.put_parameter, Name=path, Type="String", Value="abc", AllowedPattern="^[0-9]+$")
    refused("ValidationException", client.put_parameter, Name=path, Type="String", Value="x" * 4097, Tier="Standard")
