use super::cloud::{Cloud, refused};
use super::cognito::{Pool, add_member, pool, sign_in};
use super::ecs::{Ground, add_rule, ground, service};
use como_rehearsal::hosting::Hosted;
use serde_json::{Value, json};

/// An API such as the api stack deploys.
fn document(pool: &Pool, ground: &Ground) -> Value {
    let integration = |path: &str, parameters: Value| {
        json!({
            "type": "http_proxy", "httpMethod": "ANY", "connectionType": "VPC_LINK", "connectionId": "abc123",
            "integrationTarget": ground.load_balancer, "uri": format!("http://internal.example{path}"),
            "requestParameters": parameters,
        })
    };
    let member = json!([{ "members": ["aws.cognito.signin.user.admin"] }]);
    let by_id = json!({
        "integration.request.path.id": "method.request.path.id",
        "integration.request.header.x-member": "context.authorizer.claims.username",
    });
    json!({
        "openapi": "3.0.1", "info": { "title": "como", "version": "1" },
        "paths": {
            "/v1/accounts/login": {
                "post": { "x-amazon-apigateway-integration": integration("/v1/accounts/login", json!({})) },
                "options": { "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "responses": { "default": {
                        "statusCode": "204",
                        "responseParameters": { "method.response.header.Access-Control-Allow-Origin": "'*'" },
                    } },
                } },
            },
            "/v1/experiences/{id}": {
                "get": {
                    "security": member, "x-amazon-apigateway-integration": integration("/v1/experiences/{id}", by_id),
                },
            },
            "/v1/nobody": { "get": { "x-amazon-apigateway-integration": integration("/nobody", json!({})) } },
        },
        "components": { "securitySchemes": { "members": {
            "type": "apiKey", "name": "Authorization", "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": { "type": "cognito_user_pools", "providerARNs": [pool.arn] },
        } } },
    })
}

async fn deploy(cloud: &Cloud, document: Value) -> String {
    let api = cloud.create("AWS::ApiGateway::RestApi", "Api", json!({ "Body": document })).await.physical_id;
    let deployment = cloud.create("AWS::ApiGateway::Deployment", "Deployment", json!({ "RestApiId": api })).await;
    let stage = json!({ "RestApiId": api, "DeploymentId": deployment.physical_id, "StageName": "prod" });
    let stage = cloud.create("AWS::ApiGateway::Stage", "Stage", stage).await;
    assert_eq!(stage.physical_id, "prod");
    let endpoints = cloud.services.status().await.endpoints;
    assert_eq!(endpoints[0].stands_in_for, format!("https://{api}.execute-api.ap-southeast-1.amazonaws.com/prod"));
    endpoints[0].url.clone()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn a_request_finds_its_way_to_a_healthy_task() {
    let cloud = Cloud::new().await;
    let (pool, ground) = (pool(&cloud).await, ground(&cloud).await);
    let url = deploy(&cloud, document(&pool, &ground)).await;
    let login = || client().post(format!("{url}/v1/accounts/login?x=1")).body("hello");

    // The listener's default action, then a rule without a task behind it, then a task.
    assert_eq!(answer(login()).await, (404, json!({})));
    add_rule(&cloud, &ground, 10, "/v1/*").await;
    let response = login().send().await.unwrap();
    assert_eq!(response.status().as_u16(), 503);
    assert!(response.text().await.unwrap().contains("503 Service Temporarily Unavailable"));
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create("AWS::ECS::Service", "Service", properties).await;
    cloud.stabilise("AWS::ECS::Service", &created).await.unwrap();

    let response = login().header("connection", "x-hop").header("x-hop", "1").send().await.unwrap();
    assert_eq!(response.headers().get("keep-alive"), None);
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["method"], json!("POST"));
    assert_eq!(body["path"], json!("/v1/accounts/login"));
    assert_eq!(body["query"], json!("x=1"));
    assert_eq!(body["body"], json!("hello"));
    assert_eq!(body["host"], json!("internal.example"));
    assert_eq!(body["secret"], json!("kept"));
    assert_eq!(body["region"], json!("ap-southeast-1"));
    assert_eq!(body["endpoint"], json!("http://127.0.0.1:1"));

    // Both tasks take their turn.
    let pids = [answer(login()).await.1["pid"].clone(), answer(login()).await.1["pid"].clone()];
    assert_ne!(pids[0], pids[1]);

    // With the stage in the path, as at the address on AWS.
    let (status, _) = answer(client().post(format!("{url}/prod/v1/accounts/login"))).await;
    assert_eq!(status, 200);

    // A stop and a start leave the door where it was.
    let cloud = cloud.restart().await;
    assert_eq!(cloud.services.status().await.endpoints[0].url, url);
    cloud.stabilise("AWS::ECS::Service", &created).await.unwrap();
    assert_eq!(answer(login()).await.0, 200);
    cloud.services.stop().await;
}

#[tokio::test]
async fn only_members_pass_where_members_are_asked_for() {
    let cloud = Cloud::new().await;
    let (pool, ground) = (pool(&cloud).await, ground(&cloud).await);
    add_rule(&cloud, &ground, 1, "/v1/*").await;
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create("AWS::ECS::Service", "Service", properties).await;
    cloud.stabilise("AWS::ECS::Service", &created).await.unwrap();
    let url = deploy(&cloud, document(&pool, &ground)).await;
    add_member(&cloud, &pool, "m-7", "Correct-horse-1").await;
    let tokens = sign_in(&cloud, &pool, "m-7", "Correct-horse-1").await;
    let get = |token: Option<&str>| {
        let request = client().get(format!("{url}/v1/experiences/42"));
        match token {
            Some(token) => request.header("authorization", token),
            None => request,
        }
    };
    let access = tokens["AccessToken"].as_str().unwrap();
    let unauthorized = (401, json!({ "message": "Unauthorized" }));
    assert_eq!(answer(get(None)).await, unauthorized);
    assert_eq!(answer(get(Some("Bearer nonsense"))).await, unauthorized);
    // An ID token has no scope.
    assert_eq!(answer(get(tokens["IdToken"].as_str())).await, unauthorized);
    let (head, signature) = access.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    assert_eq!(answer(get(Some(&forged))).await, unauthorized);
    for token in [access.to_owned(), format!("Bearer {access}")] {
        let (status, body) = answer(get(Some(&token))).await;
        assert_eq!(status, 200);
        assert_eq!(body["path"], json!("/v1/experiences/42"));
        assert_eq!(body["member"], json!("m-7"));
    }
    cloud.services.stop().await;
}

#[tokio::test]
async fn the_gateway_answers_for_what_it_does_not_know() {
    let cloud = Cloud::new().await;
    let (pool, ground) = (pool(&cloud).await, ground(&cloud).await);
    let url = deploy(&cloud, document(&pool, &ground)).await;
    let missing = (403, json!({ "message": "Missing Authentication Token" }));
    assert_eq!(answer(client().get(format!("{url}/v2/accounts"))).await, missing);
    assert_eq!(answer(client().get(format!("{url}/v1/accounts/login"))).await, missing);
    let response = client().request(http::Method::OPTIONS, format!("{url}/v1/accounts/login")).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 204);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    cloud.services.stop().await;
}

#[tokio::test]
async fn the_gateways_own_answers_look_as_the_document_says() {
    let cloud = Cloud::new().await;
    let (pool, ground) = (pool(&cloud).await, ground(&cloud).await);
    let mut document = document(&pool, &ground);
    let template = r#"{"code":"gateway.$context.error.responseType","request_id":"$context.requestId"}"#;
    let response = json!({ "responseTemplates": { "application/json": template } });
    document["x-amazon-apigateway-gateway-responses"] = json!({ "DEFAULT_4XX": response });
    let url = deploy(&cloud, document).await;
    for (path, status, code) in [
        ("/v2/accounts", 403, "gateway.MISSING_AUTHENTICATION_TOKEN"),
        ("/v1/experiences/1", 401, "gateway.UNAUTHORIZED"),
    ] {
        let response = client().get(format!("{url}{path}")).send().await.unwrap();
        let id = response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.json::<Value>().await.unwrap(), json!({ "code": code, "request_id": id }));
    }
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_document_that_api_gateway_would_not_import_is_refused() {
    let cloud = Cloud::new().await;
    let operation = json!({ "security": [{ "nobody": [] }], "x-amazon-apigateway-integration": { "type": "mock" } });
    for (paths, words) in [
        (json!({ "/a": { "get": {} } }), "No integration defined for method GET /a"),
        (json!({ "/a": { "get": operation } }), "Invalid authorizer 'nobody'"),
    ] {
        let body = json!({ "openapi": "3.0.1", "paths": paths });
        let message = refused(cloud.try_create("AWS::ApiGateway::RestApi", "Api", json!({ "Body": body })).await);
        assert!(message.contains(words), "{message}");
    }
    let stage = json!({ "RestApiId": "nothing", "DeploymentId": "x", "StageName": "prod" });
    let message = refused(cloud.try_create("AWS::ApiGateway::Stage", "Stage", stage).await);
    assert_eq!(message, "Invalid API identifier specified");
}
