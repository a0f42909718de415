"""What stands at the edge, made by templates in the regions where it belongs: certificates, a site before two buckets, mail
domains, default security groups. Source: the AWS pages named in docs/rehearsal.md's table and in the services' code."""

import json
import urllib.error
import urllib.request

from conformance.asking import equal, eventually, name, refused
from rehearsal import REGION

EDGE, SYDNEY = "us-east-1", "ap-southeast-2"
DISTRIBUTION = "AWS::CloudFront::Distribution"


def ref(logical_id: str) -> dict:
    return {"Ref": logical_id}


def get(logical_id: str, attribute: str) -> dict:
    return {"Fn::GetAtt": [logical_id, attribute]}


def stack(cloud, region: str, resources: dict, outputs: dict | None = None, ends: str = "CREATE_COMPLETE") -> dict:
    """Makes a stack and gives its outputs; for one that ends badly, the reasons of the failures."""
    client, stack_name = cloud.client("cloudformation", region), name("s")
    template = {"Resources": {one: {"Type": kind, "Properties": properties} for one, (kind, properties) in resources.items()}}
    if outputs:
        template["Outputs"] = {one: {"Value": value} for one, value in outputs.items()}
    client.create_stack(StackName=stack_name, TemplateBody=json.dumps(template))
    found = {}

    def status() -> str:
        found.update(client.describe_stacks(StackName=stack_name)["Stacks"][0])
        return found["StackStatus"]

    eventually(lambda: not status().endswith("IN_PROGRESS"), True)
    events = client.describe_stack_events(StackName=stack_name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events if event["ResourceStatus"].endswith("FAILED")]
    equal((found["StackStatus"], reasons if ends == "CREATE_COMPLETE" else []), (ends, []))
    if ends != "CREATE_COMPLETE":
        return {"reasons": reasons}
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}


def zone(cloud) -> tuple[str, str]:
    domain = f"{name('z')}.example"
    made = stack(cloud, EDGE, {"Zone": ("AWS::Route53::HostedZone", {"Name": domain})}, {"Id": ref("Zone")})
    return domain, made["Id"]


def certificate(domain: str, hosted_zone: str | None) -> tuple[str, dict]:
    options = [{"DomainName": domain, "HostedZoneId": hosted_zone}] if hosted_zone else []
    properties = {"DomainName": domain, "ValidationMethod": "DNS", "DomainValidationOptions": options}
    return "AWS::CertificateManager::Certificate", properties


def check_certificate_is_issued(cloud):
    """A certificate whose hosted zone the template names is proven and issued; the record outlives it."""
    domain, hosted = zone(cloud)
    made = stack(cloud, REGION, {"Own": certificate(f"api.{domain}", hosted)}, {"Arn": ref("Own")})
    client = cloud.client("acm")
    shown = client.describe_certificate(CertificateArn=made["Arn"])["Certificate"]
    equal((shown["Status"], shown["DomainValidationOptions"][0]["ValidationStatus"]), ("ISSUED", "SUCCESS"))
    client.get_waiter("certificate_validated").wait(CertificateArn=made["Arn"], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    record = shown["DomainValidationOptions"][0]["ResourceRecord"]
    sets = cloud.client("route53").list_resource_record_sets(HostedZoneId=hosted)["ResourceRecordSets"]
    equal([(one["Name"], one["Type"]) for one in sets if one["Type"] == "CNAME"], [(record["Name"], "CNAME")])
    refused("HostedZoneNotEmpty", cloud.client("route53").delete_hosted_zone, Id=hosted)
    refused("ResourceNotFoundException", client.describe_certificate, CertificateArn=made["Arn"] + "0")


def check_certificate_waits_for_its_record(cloud):
    """A stack waits while nobody has made the record that proves its certificate's name."""
    domain, hosted = zone(cloud)
    client, acm = cloud.client("cloudformation"), cloud.client("acm")
    kind, properties = certificate(f"api.{domain}", None)
    template = json.dumps({"Resources": {"Own": {"Type": kind, "Properties": properties}}})
    stack_name = name("s")
    client.create_stack(StackName=stack_name, TemplateBody=template)

    def listed() -> list:
        pages = acm.get_paginator("list_certificates").paginate(CertificateStatuses=["PENDING_VALIDATION"])
        return [one["CertificateArn"] for page in pages for one in page["CertificateSummaryList"] if one["DomainName"] == f"api.{domain}"]

    eventually(lambda: len(listed()), 1)
    equal(client.describe_stacks(StackName=stack_name)["Stacks"][0]["StackStatus"], "CREATE_IN_PROGRESS")
    shown = acm.describe_certificate(CertificateArn=listed()[0])["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
    change = {"Name": shown["Name"], "Type": shown["Type"], "TTL": 60, "ResourceRecords": [{"Value": shown["Value"]}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]}
    cloud.client("route53").change_resource_record_sets(HostedZoneId=hosted, ChangeBatch=batch)
    client.get_waiter("stack_create_complete").wait(StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})


def check_certificate_of_another_region(cloud):
    """A distribution takes no certificate of Singapore."""
    made = stack(cloud, REGION, {"Own": certificate(f"{name('w')}.elsewhere.example", None)}, {"Arn": ref("Own")})
    config = {
        "Enabled": True, "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https"},
        "Origins": [{"Id": "o", "DomainName": f"b.s3.{REGION}.amazonaws.com", "S3OriginConfig": {}}],
        "ViewerCertificate": {"AcmCertificateArn": made["Arn"], "SslSupportMethod": "sni-only"},
    }
    wrong = stack(cloud, EDGE, {"Edge": (DISTRIBUTION, {"DistributionConfig": config})}, ends="ROLLBACK_COMPLETE")
    equal(any("isn't in us-east-1 region" in reason for reason in wrong["reasons"]), True)


def bucket(cloud, region: str) -> dict:
    """A private bucket that lets CloudFront read, with a page."""
    statement = {
        "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}, "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }
    policy = {"Bucket": ref("Bucket"), "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources = {"Bucket": ("AWS::S3::Bucket", {"BucketName": name("site")}), "Policy": ("AWS::S3::BucketPolicy", policy)}
    made = stack(cloud, region, resources, {"Name": ref("Bucket"), "Domain": get("Bucket", "RegionalDomainName")})
    client = cloud.client("s3", region)
    for page in ("index.html", "404.html"):
        client.put_object(Bucket=made["Name"], Key=page, Body=f"{page} of {region}".encode(), ContentType="text/html")
    return made


def fetch(address: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.read().decode(), answer.headers["x-cache"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers["x-cache"]


def check_site(cloud):
    """A distribution serves its buckets, keeps what it has fetched, and forgets what is invalidated."""
    alias, first, second = f"www.{name('w')}.example", bucket(cloud, REGION), bucket(cloud, SYDNEY)
    access = {"Name": name(), "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}
    origins = [
        {"Id": one, "DomainName": made["Domain"], "OriginAccessControlId": get("Access", "Id"), "S3OriginConfig": {"OriginAccessIdentity": ""}}
        for one, made in (("first", first), ("second", second))
    ]
    members = {"Quantity": 2, "Items": [{"OriginId": "first"}, {"OriginId": "second"}]}
    group = {"Id": "both", "Members": members, "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [503]}}}
    config = {
        "Enabled": True, "Aliases": [alias], "DefaultRootObject": "index.html", "Origins": origins,
        "OriginGroups": {"Quantity": 1, "Items": [group]},
        "DefaultCacheBehavior": {"TargetOriginId": "both", "ViewerProtocolPolicy": "redirect-to-https"},
        "CustomErrorResponses": [{"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html"}],
    }
    resources = {
        "Access": ("AWS::CloudFront::OriginAccessControl", {"OriginAccessControlConfig": access}),
        "Edge": (DISTRIBUTION, {"DistributionConfig": config}),
    }
    made = stack(cloud, EDGE, resources, {"Id": ref("Edge"), "Domain": get("Edge", "DomainName")})
    doors = [one["url"] for one in cloud.status()["endpoints"] if one["stands_in_for"] == f"https://{alias}"]
    address = doors[0]
    equal(fetch(f"{address}/"), (200, f"index.html of {REGION}", "Miss from cloudfront"))
    equal(fetch(f"{address}/nobody"), (404, f"404.html of {REGION}", "Error from cloudfront"))
    cloud.client("s3").put_object(Bucket=first["Name"], Key="index.html", Body=b"new")
    equal(fetch(f"{address}/"), (200, f"index.html of {REGION}", "Hit from cloudfront"))
    client = cloud.client("cloudfront", EDGE)
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": name()}
    begun = client.create_invalidation(DistributionId=made["Id"], InvalidationBatch=batch)["Invalidation"]
    client.get_waiter("invalidation_completed").wait(DistributionId=made["Id"], Id=begun["Id"])
    equal(fetch(f"{address}/"), (200, "new", "Miss from cloudfront"))
    again = client.create_invalidation(DistributionId=made["Id"], InvalidationBatch=batch)["Invalidation"]
    equal(again["Id"], begun["Id"])
    equal(client.get_distribution(Id=made["Id"])["Distribution"]["DomainName"], made["Domain"])
    pages = client.get_paginator("list_distributions").paginate()
    aliases = [alias for page in pages for one in page["DistributionList"]["Items"] for alias in one["Aliases"]["Items"]]
    equal(alias in aliases, True)
    refused("NoSuchDistribution", client.get_distribution, Id="E0")


def check_mail_domain(cloud):
    """A mail domain is verified once the records of its keys are in its hosted zone, and not before."""
    domain, hosted = zone(cloud)
    identity = {"Identity": ("AWS::SES::EmailIdentity", {"EmailIdentity": domain})}
    tokens = {f"{part}{index}": get("Identity", f"DkimDNSToken{part}{index}") for part in ("Name", "Value") for index in (1, 2, 3)}
    made = stack(cloud, REGION, identity, tokens)
    client = cloud.client("sesv2")
    shown = client.get_email_identity(EmailIdentity=domain)
    equal((shown["VerifiedForSendingStatus"], shown["DkimAttributes"]["Status"]), (False, "PENDING"))
    mail = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
    ask = {"FromEmailAddress": f"a@{domain}", "Destination": {"ToAddresses": ["b@example.com"]}, "Content": mail}
    refused("MessageRejected", client.send_email, **ask)
    records = {}
    for index in (1, 2, 3):
        properties = {"HostedZoneId": hosted, "Name": made[f"Name{index}"], "Type": "CNAME", "TTL": "60", "ResourceRecords": [made[f"Value{index}"]]}
        records[f"Key{index}"] = ("AWS::Route53::RecordSet", properties)
    stack(cloud, EDGE, records)
    equal(client.get_email_identity(EmailIdentity=domain)["DkimAttributes"]["Status"], "SUCCESS")
    client.send_email(**ask)


def check_default_group_is_emptied(cloud):
    """What a VPC's default security group allows is told as it can be revoked, and is gone afterwards."""
    made = stack(cloud, REGION, {"Vpc": ("AWS::EC2::VPC", {"CidrBlock": "10.9.0.0/16"})}, {"Vpc": ref("Vpc"), "Group": get("Vpc", "DefaultSecurityGroup")})
    client = cloud.client("ec2")
    filters = [{"Name": "vpc-id", "Values": [made["Vpc"]]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = client.describe_security_groups(Filters=filters)["SecurityGroups"]
    equal(group["GroupId"], made["Group"])
    client.revoke_security_group_ingress(GroupId=made["Group"], IpPermissions=group["IpPermissions"])
    client.revoke_security_group_egress(GroupId=made["Group"], IpPermissions=group["IpPermissionsEgress"])
    (group,) = client.describe_security_groups(GroupIds=[made["Group"]])["SecurityGroups"]
    equal((group["IpPermissions"], group["IpPermissionsEgress"]), ([], []))
    rules = client.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [made["Group"]]}])
    equal(rules["SecurityGroupRules"], [])
