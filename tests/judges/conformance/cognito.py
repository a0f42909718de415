"""Cognito user pools: sign-in, and tokens that PyJWT verifies by the published keys. Source: Cognito developer guide,
"Verifying JSON web tokens"."""

import json
import time
import urllib.request

import jwt

from conformance.asking import equal, name, refused
from rehearsal import REGION

PASSWORD = "Correct-horse-7"


def pool(cloud, region: str = REGION, **client_properties) -> tuple[str, str]:
    """A pool and a client of it, by CloudFormation: pools are not made past it here."""
    stack, client = name("pool"), cloud.client("cloudformation", region)
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    template = {
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": stack}},
            "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": flows, **client_properties,
            }},
        },
        "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}}},
    }
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    outputs = client.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    values = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    return values["Pool"], values["Client"]


def member(cloud, pool_id: str, region: str = REGION) -> str:
    client, user = cloud.client("cognito-idp", region), name("member")
    client.admin_create_user(
        UserPoolId=pool_id, Username=user, MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": f"{user}@example.com"}, {"Name": "email_verified", "Value": "true"}],
    )
    client.admin_set_user_password(UserPoolId=pool_id, Username=user, Password=PASSWORD, Permanent=True)
    return user


def sign_in(cloud, client_id: str, user: str, password: str = PASSWORD, region: str = REGION) -> dict:
    return cloud.client("cognito-idp", region).initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": user, "PASSWORD": password}
    )["AuthenticationResult"]


def published(cloud, pool_id: str) -> dict:
    """The keys by their ids. On AWS they are at the issuer's address; here, at the same path of the endpoint."""
    with urllib.request.urlopen(f"{cloud.endpoint}/{pool_id}/.well-known/jwks.json", timeout=10) as answer:
        return {key["kid"]: jwt.PyJWK(key) for key in json.load(answer)["keys"]}


def verified(cloud, token: str, pool_id: str, audience: str | None = None, region: str = REGION) -> dict:
    key = published(cloud, pool_id)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(
        token, key, algorithms=["RS256"], audience=audience, issuer=f"https://cognito-idp.{region}.amazonaws.com/{pool_id}",
        options={"require": ["exp", "iat", "iss", "sub", "token_use"]},
    )


def check_tokens(cloud):
    """Id and access tokens are signed by a published key, for this issuer, this client and this user."""
    pool_id, client_id = pool(cloud)
    user = member(cloud, pool_id)
    tokens = sign_in(cloud, client_id, user)
    identity = verified(cloud, tokens["IdToken"], pool_id, audience=client_id)
    access = verified(cloud, tokens["AccessToken"], pool_id)
    equal((identity["token_use"], identity["cognito:username"], identity["email"]), ("id", user, f"{user}@example.com"))
    equal((access["token_use"], access["client_id"], access["username"], access["sub"]), ("access", client_id, user, identity["sub"]))
    equal(("aud" in access, tokens["TokenType"]), (False, "Bearer"))
    equal(abs(access["exp"] - time.time() - tokens["ExpiresIn"]) < 60, True)


def check_forgery(cloud):
    """A changed token does not verify, nor one of another pool."""
    pool_id, client_id = pool(cloud)
    token = sign_in(cloud, client_id, member(cloud, pool_id))["AccessToken"]
    head, body, signature = token.split(".")
    for wrong in (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.{signature[:-4]}AAAA"):
        try:
            verified(cloud, wrong, pool_id)
        except jwt.InvalidTokenError:
            continue
        raise AssertionError("a changed token was accepted")
    other, _ = pool(cloud)
    equal(jwt.get_unverified_header(token)["kid"] in published(cloud, other), False)


def check_second_region(cloud):
    """A pool of the other region signs with its own keys and issuer."""
    region = "ap-southeast-2"
    pool_id, client_id = pool(cloud, region)
    equal(pool_id.startswith(f"{region}_"), True)
    user = member(cloud, pool_id, region)
    token = sign_in(cloud, client_id, user, region=region)["AccessToken"]
    equal(verified(cloud, token, pool_id, region=region)["username"], user)
    refused("ResourceNotFoundException", cloud.client("cognito-idp").admin_get_user, UserPoolId=pool_id, Username=user)


def check_wrong_password(cloud):
    """A wrong password and an unknown user are refused alike."""
    pool_id, client_id = pool(cloud, PreventUserExistenceErrors="ENABLED")
    user = member(cloud, pool_id)
    client = cloud.client("cognito-idp")
    messages = {
        refused("NotAuthorizedException", client.initiate_auth, ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": who, "PASSWORD": "Wrong-horse-7"})["Error"]["Message"]
        for who in (user, name("nobody"))
    }
    equal(len(messages), 1)


def check_refresh_and_revoke(cloud):
    """A refresh token gives new tokens until it is revoked or the user signed out."""
    pool_id, client_id = pool(cloud)
    user, client = member(cloud, pool_id), cloud.client("cognito-idp")

    def refresh(token: str) -> dict:
        return dict(ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token})

    tokens = sign_in(cloud, client_id, user)
    renewed = client.initiate_auth(**refresh(tokens["RefreshToken"]))["AuthenticationResult"]
    equal(verified(cloud, renewed["AccessToken"], pool_id)["username"], user)
    client.revoke_token(Token=tokens["RefreshToken"], ClientId=client_id)
    refused("NotAuthorizedException", client.initiate_auth, **refresh(tokens["RefreshToken"]))
    tokens = sign_in(cloud, client_id, user)
    client.admin_user_global_sign_out(UserPoolId=pool_id, Username=user)
    refused("NotAuthorizedException", client.initiate_auth, **refresh(tokens["RefreshToken"]))


def check_disabled_user(cloud):
    """A disabled user cannot sign in."""
    pool_id, client_id = pool(cloud)
    user, client = member(cloud, pool_id), cloud.client("cognito-idp")
    client.admin_disable_user(UserPoolId=pool_id, Username=user)
    refused("NotAuthorizedException", client.initiate_auth, ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD})
    client.admin_enable_user(UserPoolId=pool_id, Username=user)
    equal("AccessToken" in sign_in(cloud, client_id, user), True)


def check_password_policy(cloud):
    """A password that the pool's policy forbids is refused."""
    pool_id, _ = pool(cloud)
    refused("InvalidPasswordException", cloud.client("cognito-idp").admin_set_user_password,
            UserPoolId=pool_id, Username=member(cloud, pool_id), Password="short", Permanent=True)


def check_names(cloud):
    """A user's name is taken once; a user who is not there is a UserNotFoundException."""
    pool_id, _ = pool(cloud)
    client, user = cloud.client("cognito-idp"), member(cloud, pool_id)
    refused("UsernameExistsException", client.admin_create_user, UserPoolId=pool_id, Username=user)
    refused("UserNotFoundException", client.admin_get_user, UserPoolId=pool_id, Username=name("nobody"))
