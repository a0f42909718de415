//! Pools, clients, domains and resource servers, as CloudFormation makes them.

use super::groups;
use super::key::SigningKey;
use super::members::seconds;
use super::password::PasswordPolicy;
use super::service::{Call, client, pool, pool_mut};
use super::state::{Client, Pool, State};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::identifiers::{self, fill, generated_name, token};
use crate::services::property::{Properties, flag, number, object, objects, text, texts};
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn create(
    state: &mut State,
    request: &CreateRequest,
    now: Timestamp,
) -> Result<Provisioned, ProvisionError> {
    match request.resource_type.as_str() {
        "AWS::Cognito::UserPool" => create_pool(state, request, now),
        "AWS::Cognito::UserPoolClient" => create_client(state, request),
        "AWS::Cognito::UserPoolDomain" => create_domain(state, request),
        "AWS::Cognito::UserPoolGroup" => put_group(state, request, now),
        "AWS::Cognito::UserPoolResourceServer" => create_resource_server(state, request),
        other => Err(refused(format!("the rehearsal cloud does not offer {other}"))),
    }
}

/// Members, keys and secrets stay.
pub(super) fn update(state: &mut State, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    let wanted = &request.wanted;
    let id = request.physical_id.as_str();
    match wanted.resource_type.as_str() {
        "AWS::Cognito::UserPool" => {
            let pool = state.pools.get_mut(id).ok_or_else(|| refused(format!("User pool {id} does not exist.")))?;
            let properties = &wanted.properties;
            if let Some(name) = text(properties, "UserPoolName") {
                name.clone_into(&mut pool.name);
            }
            let custom = objects(properties, "Schema").filter_map(|attribute| text(attribute, "Name"));
            pool.custom_attributes = custom.map(|name| format!("custom:{name}")).collect();
            settle(pool, properties.clone());
        }
        "AWS::Cognito::UserPoolClient" => {
            let secret = owner(state, wanted)?.clients.get(id).and_then(|client| client.secret.clone());
            create_client(state, wanted)?;
            if let Some(client) = owner(state, wanted)?.clients.get_mut(id) {
                client.secret = secret;
            }
        }
        "AWS::Cognito::UserPoolDomain" => return create_domain(state, wanted),
        "AWS::Cognito::UserPoolGroup" => return put_group(state, wanted, Timestamp::now()),
        _ => {
            let identifier = id.rsplit('|').next().unwrap_or(id).to_owned();
            owner(state, wanted)?.resource_servers.insert(identifier, wanted.properties.clone());
        }
    }
    Ok(Provisioned { physical_id: id.to_owned(), attributes: request.attributes.clone() })
}

/// What may change on a pool that exists.
fn settle(pool: &mut Pool, properties: Properties) {
    pool.password_policy = PasswordPolicy::of(&properties);
    pool.deletion_protection = text(&properties, "DeletionProtection") == Some("ACTIVE");
    pool.properties = properties;
}

/// Settled once, when the pool is made, or by operations of their own.
const LASTING: [&str; 6] =
    ["AliasAttributes", "EnabledMfas", "Schema", "UsernameAttributes", "UsernameConfiguration", "UserPoolName"];

/// `UpdateUserPool`: what the call leaves out goes back to its default.
pub(super) fn set(state: &mut State, call: &Call<'_>) -> Result<Value, ServiceError> {
    let pool = pool_mut(state, call)?;
    let mut properties: Properties = call.input.as_object().cloned().unwrap_or_default();
    properties.remove("UserPoolId");
    if let Some(name) = properties.remove("PoolName").as_ref().and_then(Value::as_str) {
        name.clone_into(&mut pool.name);
    }
    let lasting = LASTING.iter().filter_map(|name| Some(((*name).to_owned(), pool.properties.get(*name)?.clone())));
    properties.extend(lasting.collect::<Vec<_>>());
    settle(pool, properties);
    Ok(json!({}))
}

pub(super) fn delete(state: &mut State, request: &DeleteRequest) -> Result<(), ProvisionError> {
    let id = request.physical_id.as_str();
    let owner = text(&request.properties, "UserPoolId").and_then(|pool| state.pools.get_mut(pool));
    match request.resource_type.as_str() {
        "AWS::Cognito::UserPool" => {
            let protected = state.pools.get(id).is_some_and(|pool| pool.deletion_protection);
            if protected && !request.despite_protection {
                return Err(refused(
                    "The user pool cannot be deleted because deletion protection is activated. Deletion protection \
                     must be inactivated first."
                        .to_owned(),
                ));
            }
            state.pools.remove(id);
            state.domains.retain(|_, pool| pool != id);
        }
        "AWS::Cognito::UserPoolClient" => {
            if let Some(pool) = owner {
                pool.clients.remove(id);
                pool.sessions.retain(|_, session| session.client != id);
            }
        }
        "AWS::Cognito::UserPoolDomain" => {
            state.domains.remove(id);
        }
        "AWS::Cognito::UserPoolGroup" => {
            if let Some(pool) = owner {
                pool.groups.remove(id.rsplit('|').next().unwrap_or(id));
            }
        }
        _ => {
            if let Some(pool) = owner {
                pool.resource_servers.remove(id.rsplit('|').next().unwrap_or(id));
            }
        }
    }
    Ok(())
}

pub(super) fn describe(state: &State, call: &Call<'_>) -> Result<Value, ServiceError> {
    let pool = pool(state, call)?;
    let mut description = Value::Object(pool.properties.clone());
    description["Id"] = json!(pool.id);
    description["Arn"] = json!(pool.arn);
    description["Name"] = json!(pool.name);
    description["CreationDate"] = seconds(pool.created);
    description["LastModifiedDate"] = seconds(pool.created);
    description["EstimatedNumberOfUsers"] = json!(pool.users.len());
    description["DeletionProtection"] = json!(if pool.deletion_protection { "ACTIVE" } else { "INACTIVE" });
    if let Some(description) = description.as_object_mut() {
        // Named differently in the API.
        description.remove("UserPoolName");
        if let Some(schema) = description.remove("Schema") {
            description.insert("SchemaAttributes".to_owned(), schema);
        }
    }
    Ok(json!({ "UserPool": description }))
}

pub(super) fn describe_client(state: &State, call: &Call<'_>) -> Result<Value, ServiceError> {
    let pool = pool(state, call)?;
    let client = client(pool, call.text("ClientId")?)?;
    let mut description = json!({
        "UserPoolId": pool.id, "ClientId": client.id, "ClientName": client.name, "ExplicitAuthFlows": client.flows,
        "AllowedOAuthFlows": client.grants, "AllowedOAuthScopes": client.scopes,
        "AllowedOAuthFlowsUserPoolClient": !client.grants.is_empty(),
    });
    if !client.callbacks.is_empty() {
        description["CallbackURLs"] = json!(client.callbacks);
    }
    if let Some(secret) = &client.secret {
        description["ClientSecret"] = json!(secret);
    }
    Ok(json!({ "UserPoolClient": description }))
}

pub(super) fn list(state: &State, region: &str, account: &str) -> Value {
    let owned = format!("arn:aws:cognito-idp:{region}:{account}:");
    let pools = state.pools.values().filter(|pool| pool.arn.starts_with(&owned));
    let pools: Vec<Value> =
        pools.map(|pool| json!({ "Id": pool.id, "Name": pool.name, "CreationDate": seconds(pool.created) })).collect();
    json!({ "UserPools": pools })
}

fn create_pool(state: &mut State, request: &CreateRequest, now: Timestamp) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let id = fill("{region}_{mixed:9}", request, "");
    let arn = fill("arn:aws:cognito-idp:{region}:{account}:userpool/{ref}", request, &id);
    let custom = objects(properties, "Schema").filter_map(|attribute| text(attribute, "Name"));
    let pool = Pool {
        id: id.clone(),
        arn: arn.clone(),
        name: text(properties, "UserPoolName").map_or_else(|| generated_name(request), str::to_owned),
        region: request.region.clone(),
        created: now,
        password_policy: PasswordPolicy::of(properties),
        username_attributes: texts(properties, "UsernameAttributes"),
        case_sensitive: properties
            .get("UsernameConfiguration")
            .and_then(|names| names.get("CaseSensitive"))
            .is_some_and(|sensitive| sensitive.as_bool().unwrap_or_else(|| sensitive.as_str() == Some("true"))),
        custom_attributes: custom.map(|name| format!("custom:{name}")).collect(),
        deletion_protection: text(properties, "DeletionProtection") == Some("ACTIVE"),
        properties: properties.clone(),
        key: SigningKey::generate().map_err(|error| refused(error.to_string()))?,
        clients: BTreeMap::new(),
        resource_servers: BTreeMap::new(),
        resource_server_owners: BTreeMap::new(),
        users: BTreeMap::new(),
        sessions: BTreeMap::new(),
        challenges: BTreeMap::new(),
        groups: BTreeMap::new(),
    };
    let attributes = BTreeMap::from([
        ("Arn".to_owned(), json!(arn)),
        ("UserPoolId".to_owned(), json!(id)),
        ("ProviderName".to_owned(), json!(format!("cognito-idp.{}.amazonaws.com/{id}", request.region))),
        ("ProviderURL".to_owned(), json!(pool.issuer())),
    ]);
    // One that is asked for again keeps its key.
    state.pools.entry(id.clone()).or_insert(pool);
    Ok(Provisioned { physical_id: id, attributes })
}

fn create_client(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let id = token(request, "client", 26);
    let secret = flag(properties, "GenerateSecret")
        .unwrap_or(false)
        .then(|| format!("{}{}", token(request, "secret", 32), token(request, "more", 19)));
    let flows = texts(properties, "ExplicitAuthFlows");
    let defaults = ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"].map(str::to_owned);
    let client = Client {
        id: id.clone(),
        name: text(properties, "ClientName").map_or_else(|| generated_name(request), str::to_owned),
        secret: secret.clone(),
        flows: if flows.is_empty() { defaults.to_vec() } else { flows },
        access_token_seconds: validity(properties, "AccessToken", 60, 60),
        id_token_seconds: validity(properties, "IdToken", 60, 60),
        refresh_token_seconds: validity(properties, "RefreshToken", 30, 86_400),
        hides_missing_users: text(properties, "PreventUserExistenceErrors") == Some("ENABLED"),
        grants: texts(properties, "AllowedOAuthFlows"),
        scopes: texts(properties, "AllowedOAuthScopes"),
        callbacks: texts(properties, "CallbackURLs"),
    };
    check_oauth(&client, owner(state, request)?)?;
    let name = client.name.clone();
    owner(state, request)?.clients.insert(id.clone(), client);
    let mut attributes = BTreeMap::from([("ClientId".to_owned(), json!(id)), ("Name".to_owned(), json!(name))]);
    if let Some(secret) = secret {
        attributes.insert("ClientSecret".to_owned(), json!(secret));
    }
    Ok(Provisioned { physical_id: id, attributes })
}

/// Cognito's own scopes; any other belongs to a resource server of the pool.
const BUILT_IN_SCOPES: [&str; 5] = ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"];

/// What a client asks of OAuth 2.0 must be there and go together.
fn check_oauth(client: &Client, pool: &Pool) -> Result<(), ProvisionError> {
    let has = |wanted: &str| client.grants.iter().any(|grant| grant == wanted);
    if client.secret.is_none() && has("client_credentials") {
        let message = "client_credentials flow can not be selected if client does not have a client secret.";
        return Err(refused(message.to_owned()));
    }
    if (has("code") || has("implicit")) && client.callbacks.is_empty() {
        return Err(refused("CallbackURLs must be provided for the code and implicit flows.".to_owned()));
    }
    let is_declared = |scope: &str| {
        BUILT_IN_SCOPES.contains(&scope)
            || scope.rsplit_once('/').is_some_and(|(identifier, name)| {
                let server = pool.resource_servers.get(identifier);
                let mut scopes = server.into_iter().flat_map(|server| objects(server, "Scopes"));
                scopes.any(|scope| text(scope, "ScopeName") == Some(name))
            })
    };
    match client.scopes.iter().find(|scope| !is_declared(scope)) {
        Some(scope) => Err(refused(format!("Invalid scope requested: {scope}"))),
        None => Ok(()),
    }
}

/// Seconds for which a kind of token is good. Access and ID tokens are given in hours where no unit is, refresh tokens
/// in days; the defaults are 60 minutes and 30 days.
fn validity(properties: &Properties, kind: &str, default: i64, default_unit_seconds: i64) -> i64 {
    let units = object(properties, "TokenValidityUnits").and_then(|units| text(units, kind));
    let given = number(properties, &format!("{kind}Validity")).and_then(|number| i64::try_from(number).ok());
    let Some(given) = given.filter(|number| *number != 0) else { return default * default_unit_seconds };
    let unit = match units {
        Some("seconds") => 1,
        Some("minutes") => 60,
        Some("hours") => 3600,
        Some("days") => 86_400,
        _ if kind == "RefreshToken" => 86_400,
        _ => 3600,
    };
    given * unit
}

fn create_domain(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let domain = text(&request.properties, "Domain").unwrap_or_default().to_owned();
    let pool = owner(state, request)?.id.clone();
    if state.domains.get(&domain).is_some_and(|holder| *holder != pool) {
        return Err(refused("Domain already associated with another user pool.".to_owned()));
    }
    state.domains.insert(domain.clone(), pool);
    let front = fill("d{letters:13}.cloudfront.net", request, "");
    let attributes = [("CloudFrontDistribution", front), ("Id", domain.clone())];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
    Ok(Provisioned { physical_id: domain, attributes: BTreeMap::from(attributes) })
}

fn create_resource_server(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let identifier = text(&request.properties, "Identifier").unwrap_or_default().to_owned();
    let pool = owner(state, request)?;
    let maker = identifiers::owner(request);
    let is_own = pool.resource_server_owners.get(&identifier) == Some(&maker);
    if pool.resource_servers.contains_key(&identifier) && !is_own {
        return Err(refused(format!("{identifier} already exists in user pool {}.", pool.id)));
    }
    pool.resource_servers.insert(identifier.clone(), request.properties.clone());
    pool.resource_server_owners.insert(identifier.clone(), maker);
    Ok(Provisioned { physical_id: format!("{}|{identifier}", pool.id), attributes: BTreeMap::new() })
}

fn put_group(state: &mut State, request: &CreateRequest, now: Timestamp) -> Result<Provisioned, ProvisionError> {
    let mut input = Value::Object(request.properties.clone());
    if input["GroupName"].is_null() {
        input["GroupName"] = json!(generated_name(request));
    }
    let call = Call { input: &input, now };
    let name = groups::put(owner(state, request)?, &call, identifiers::owner(request))?;
    Ok(Provisioned { physical_id: name, attributes: BTreeMap::new() })
}

fn owner<'a>(state: &'a mut State, request: &CreateRequest) -> Result<&'a mut Pool, ProvisionError> {
    let id = text(&request.properties, "UserPoolId").unwrap_or_default();
    state.pools.get_mut(id).ok_or_else(|| refused(format!("User pool {id} does not exist.")))
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
