//! The public API and who may sign in.

use crate::support::{Case, breaks, here, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

const POOL: &str = "AWS::Cognito::UserPool";
const IDENTITIES: &str = "AWS::Cognito::IdentityPool";

pub(super) fn cases() -> Vec<Case> {
    [stages(), operations(), domains(), pools()].into_iter().flatten().collect()
}

fn stage(properties: Json) -> Assembly {
    one("AWS::ApiGateway::Stage", properties)
}

fn stages() -> Vec<Case> {
    let logging = |path: &str, method: &str, level: &str| {
        stage(json!({ "MethodSettings": [{ "ResourcePath": path, "HttpMethod": method, "LoggingLevel": level }] }))
    };
    let behind = |arn: Json| {
        here(json!({
            "Api AWS::ApiGateway::RestApi": {},
            "Stage AWS::ApiGateway::Stage": { "RestApiId": { "Ref": "Api" } },
            "Other AWS::ApiGateway::Stage": { "RestApiId": "elsewhere" },
            "Wall AWS::WAFv2::WebACLAssociation": { "ResourceArn": arn },
        }))
    };
    vec![
        breaks("APIGateway.1 AwsSolutions-APIG6", logging("/*", "*", "OFF"), &["Stage MethodSettings"])
            .but_not(logging("/*", "*", "ERROR"))
            .but_not(logging("/*", "*", "INFO")),
        breaks("APIGateway.1", logging("/v1/bookings", "POST", "INFO"), &["Stage MethodSettings"]),
        breaks(
            "APIGateway.9 AwsSolutions-APIG1 CKV_AWS_76",
            stage(json!({ "AccessLogSetting": { "Format": "$context.requestId" } })),
            &["Stage AccessLogSetting/DestinationArn"],
        )
        .but_not(stage(json!({ "AccessLogSetting": { "DestinationArn": "arn", "Format": "$context.requestId" } }))),
        breaks("APIGateway.3 CKV_AWS_73", stage(json!({})), &["Stage TracingEnabled"])
            .but_not(stage(json!({ "TracingEnabled": "true" }))),
        // The second stage has no wall in any of these.
        breaks("APIGateway.4 AwsSolutions-APIG3", behind(json!("elsewhere")), &["Stage", "Other"]),
        breaks("APIGateway.4", behind(json!({ "Ref": "Stage" })), &["Other"]),
        breaks(
            "APIGateway.4",
            behind(json!({ "Fn::Sub": "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/v1" })),
            &["Other"],
        ),
        breaks(
            "APIGateway.4",
            here(json!({
                "Api AWS::ApiGateway::RestApi": {},
                "Guarded AWS::ApiGateway::Stage": { "RestApiId": { "Ref": "Api" } },
                "Open AWS::ApiGateway::Stage": { "RestApiId": { "Ref": "Api" } },
                "Wall AWS::WAFv2::WebACLAssociation": {
                    "ResourceArn": { "Fn::Sub": "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Guarded}" },
                },
            })),
            &["Open"],
        ),
        breaks(
            "APIGateway.5",
            stage(json!({ "MethodSettings": [{ "CachingEnabled": true, "CacheDataEncrypted": false }] })),
            &["Stage MethodSettings"],
        )
        .but_not(stage(json!({ "MethodSettings": [{ "CachingEnabled": true, "CacheDataEncrypted": true }] })))
        .but_not(stage(json!({ "MethodSettings": [{ "CachingEnabled": false }] }))),
        breaks("CKV_AWS_120", stage(json!({ "CacheClusterEnabled": false })), &["Stage CacheClusterEnabled"])
            .but_not(stage(json!({ "CacheClusterEnabled": true }))),
        breaks("APIGateway.2", stage(json!({})), &["Stage ClientCertificateId"])
            .but_not(stage(json!({ "ClientCertificateId": "abc123" }))),
    ]
}

fn operations() -> Vec<Case> {
    let api = |body: Json| one("AWS::ApiGateway::RestApi", json!({ "Body": body }));
    let integration = |uri: Json| {
        api(json!({ "paths": { "/v1/a": { "get": { "x-amazon-apigateway-integration": { "uri": uri } } } } }))
    };
    vec![
        breaks(
            "APIGateway.8 AwsSolutions-APIG4 AwsSolutions-COG4 CKV_AWS_59",
            api(json!({ "paths": { "/v1/a": { "get": {}, "post": { "security": [{ "members": [] }] } } } })),
            &["RestApi Body/paths/v1/a/get"],
        )
        .but_not(api(json!({ "security": [{ "members": [] }], "paths": { "/v1/a": { "get": {} } } })))
        .but_not(api(
            json!({ "paths": { "/v1/webhooks": { "post": { "security": [] } }, "/v1/a": { "options": {} } } }),
        )),
        breaks("AwsSolutions-APIG2", api(json!({ "paths": {} })), &["RestApi Body"])
            .but_not(api(json!({ "x-amazon-apigateway-request-validator": "all" }))),
        breaks("api-hop", integration(json!("http://inside.example/a")), &["RestApi Body/paths/v1/a/get"])
            .but_not(integration(json!("https://inside.example/a"))),
        breaks(
            "api-hop",
            integration(json!({ "Fn::Sub": ["http://${Name}/a", { "Name": "inside.example" }] })),
            &["RestApi Body/paths/v1/a/get"],
        )
        .but_not(integration(json!({ "Fn::Sub": ["https://${Name}/a", { "Name": "inside.example" }] }))),
    ]
}

fn domains() -> Vec<Case> {
    let domain = |policy: &str| one("AWS::ApiGateway::DomainName", json!({ "SecurityPolicy": policy }));
    vec![
        breaks("CKV_AWS_206", domain("TLS_1_0"), &["DomainName SecurityPolicy"])
            .but_not(domain("TLS_1_2"))
            .but_not(domain("SecurityPolicy_TLS13_1_3_2025_09")),
        breaks("CKV_AWS_206", one("AWS::ApiGateway::DomainNameV2", json!({})), &["DomainNameV2 SecurityPolicy"]),
    ]
}

fn pools() -> Vec<Case> {
    let password = |length: u32, symbols: bool, days: u32| {
        one(
            POOL,
            json!({ "Policies": { "PasswordPolicy": {
                "MinimumLength": length, "RequireLowercase": true, "RequireUppercase": true, "RequireNumbers": true,
                "RequireSymbols": symbols, "TemporaryPasswordValidityDays": days,
            } } }),
        )
    };
    let weak: &[&str] = &["UserPool Policies/PasswordPolicy"];
    vec![
        breaks("Cognito.3 AwsSolutions-COG1", password(7, true, 7), weak).but_not(password(8, true, 7)),
        breaks("Cognito.3 AwsSolutions-COG1", password(8, false, 7), weak),
        breaks("Cognito.3", password(8, true, 8), weak),
        breaks(
            "Cognito.5 AwsSolutions-COG2",
            one(POOL, json!({ "MfaConfiguration": "OPTIONAL" })),
            &["UserPool MfaConfiguration"],
        )
        .but_not(one(POOL, json!({ "MfaConfiguration": "ON" }))),
        breaks("AwsSolutions-COG8", one(POOL, json!({ "UserPoolTier": "ESSENTIALS" })), &["UserPool UserPoolTier"])
            .but_not(one(POOL, json!({ "UserPoolTier": "PLUS" }))),
        breaks(
            "Cognito.1",
            one(POOL, json!({ "UserPoolTier": "PLUS", "UserPoolAddOns": { "AdvancedSecurityMode": "AUDIT" } })),
            &["UserPool UserPoolAddOns/AdvancedSecurityMode"],
        )
        .but_not(one(POOL, json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "ENFORCED" } }))),
        breaks(
            "Cognito.2 AwsSolutions-COG7 CKV_AWS_366",
            one(IDENTITIES, json!({ "AllowUnauthenticatedIdentities": true })),
            &["IdentityPool AllowUnauthenticatedIdentities"],
        )
        .but_not(one(IDENTITIES, json!({ "AllowUnauthenticatedIdentities": false }))),
        breaks("Cognito.6", one(POOL, json!({})), &["UserPool DeletionProtection"])
            .but_not(one(POOL, json!({ "DeletionProtection": "ACTIVE" }))),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
