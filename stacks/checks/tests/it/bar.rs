//! The security bar, id by id: each is a rule, or is known to be beyond any template.

use como_checks::{UNANSWERABLE, rules};
use std::collections::BTreeSet;

/// What the bar names, by service: Security Hub's controls, cdk-nag's rules, checkov's checks.
const BAR: &[(&str, &str)] = &[
    ("API Gateway", "APIGateway.1 APIGateway.2 APIGateway.3 APIGateway.4 APIGateway.5 APIGateway.8"),
    ("API Gateway", "AwsSolutions-APIG1 AwsSolutions-APIG2 AwsSolutions-APIG3 AwsSolutions-APIG4 AwsSolutions-APIG6"),
    ("API Gateway", "AwsSolutions-COG4 CKV_AWS_59 CKV_AWS_73 CKV_AWS_76 CKV_AWS_120"),
    ("WAF", "WAF.10 WAF.12 CKV_AWS_192"),
    ("Cognito", "Cognito.2 Cognito.3 AwsSolutions-COG1 AwsSolutions-COG2 AwsSolutions-COG8 CKV_AWS_366"),
    ("ECS", "ECS.1 ECS.2 ECS.3 ECS.4 ECS.5 ECS.8 ECS.9 ECS.10 ECS.12"),
    ("ECS", "AwsSolutions-ECS2 AwsSolutions-ECS4 AwsSolutions-ECS7 CKV_AWS_65 CKV_AWS_97"),
    ("ECR", "ECR.1 ECR.2 ECR.3 AwsSolutions-ECR1 CKV_AWS_32 CKV_AWS_51 CKV_AWS_136 CKV_AWS_163"),
    ("ELB", "ELB.1 ELB.4 ELB.5 ELB.6 ELB.12 ELB.13 ELB.17 ELB.18"),
    ("ELB", "AwsSolutions-ELB2 CKV_AWS_2 CKV_AWS_91 CKV_AWS_103 CKV_AWS_131"),
    ("VPC", "EC2.2 EC2.6 EC2.10 EC2.15 EC2.18 EC2.19 EC2.21 EC2.55 EC2.56 EC2.57 EC2.58 EC2.60 EC2.172"),
    ("VPC", "AwsSolutions-VPC3 AwsSolutions-VPC7 AwsSolutions-EC23 CKV_AWS_23 CKV_AWS_24 CKV_AWS_25 CKV_AWS_260"),
    ("DynamoDB", "DynamoDB.1 DynamoDB.2 DynamoDB.3 DynamoDB.6 DynamoDB.7"),
    ("DynamoDB", "AwsSolutions-DDB3 AwsSolutions-DDB4 CKV_AWS_28 CKV_AWS_47 CKV_AWS_119 CKV_AWS_165"),
    ("Secrets and keys", "SecretsManager.1 SecretsManager.2 SecretsManager.3 SecretsManager.4 AwsSolutions-SMG4"),
    ("Secrets and keys", "KMS.1 KMS.2 KMS.3 KMS.5 AwsSolutions-KMS5 CKV_AWS_7 CKV_AWS_33 CKV_AWS_149"),
    ("Queues and topics", "SQS.1 SQS.3 SNS.1 SNS.4 CKV_AWS_26 CKV_AWS_27"),
    ("Queues and topics", "AwsSolutions-SQS2 AwsSolutions-SQS3 AwsSolutions-SQS4 AwsSolutions-SNS3"),
    ("Logs", "CKV_AWS_66 CKV_AWS_158"),
    ("Lambda", "Lambda.1 Lambda.2 AwsSolutions-L1 CKV_AWS_45 CKV_AWS_115 CKV_AWS_116 CKV_AWS_117 CKV_AWS_173"),
    ("Lambda", "CKV_AWS_363 CKV_AWS_364"),
    ("CloudFront", "CloudFront.1 CloudFront.3 CloudFront.4 CloudFront.5 CloudFront.6 CloudFront.7 CloudFront.8"),
    ("CloudFront", "CloudFront.9 CloudFront.10 CloudFront.12 CloudFront.13 CloudFront.15"),
    ("CloudFront", "AwsSolutions-CFR1 AwsSolutions-CFR2 AwsSolutions-CFR3 AwsSolutions-CFR4 AwsSolutions-CFR5"),
    ("CloudFront", "AwsSolutions-CFR7 CKV_AWS_34 CKV_AWS_68 CKV_AWS_86 CKV_AWS_174 CKV2_AWS_72"),
    ("S3", "S3.1 S3.2 S3.3 S3.5 S3.6 S3.8 S3.9 S3.12 S3.13"),
    ("S3", "AwsSolutions-S1 AwsSolutions-S2 AwsSolutions-S5 AwsSolutions-S10"),
    ("S3", "CKV_AWS_18 CKV_AWS_19 CKV_AWS_20 CKV_AWS_21 CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV_AWS_57"),
    ("IAM", "IAM.1 IAM.21 AwsSolutions-IAM4 AwsSolutions-IAM5 CKV_AWS_60 CKV_AWS_61 CKV_AWS_62 CKV_AWS_63"),
    ("IAM", "CKV_AWS_107 CKV_AWS_108 CKV_AWS_109 CKV_AWS_110 CKV_AWS_111"),
    ("Route 53 and certificates", "Route53.2 ACM.2 CKV2_AWS_71"),
    ("The account", "CloudFormation.1 Backup.1 CloudTrail.1 CloudTrail.2 CloudTrail.3 CloudTrail.4 CloudTrail.5"),
    ("The account", "GuardDuty.1 Config.1"),
];

#[test]
fn every_id_of_the_bar_is_a_rule_or_beyond_a_template() {
    let ruled: BTreeSet<&str> = rules().flat_map(|rule| rule.ids).copied().collect();
    let beyond: BTreeSet<&str> = UNANSWERABLE.iter().map(|unanswerable| unanswerable.id).collect();
    for (service, ids) in BAR {
        for id in ids.split(' ') {
            let (ruled, beyond) = (ruled.contains(id), beyond.contains(id));
            assert!(ruled != beyond, "{service}: {id} is ruled: {ruled}, beyond a template: {beyond}");
        }
    }
}

#[test]
fn what_is_beyond_a_template_is_named_by_the_bar_and_has_a_reason() {
    let named: BTreeSet<&str> = BAR.iter().flat_map(|(_, ids)| ids.split(' ')).collect();
    for unanswerable in UNANSWERABLE {
        assert!(named.contains(unanswerable.id), "{}", unanswerable.id);
        assert!(40 < unanswerable.reason.len(), "{}", unanswerable.id);
    }
}
