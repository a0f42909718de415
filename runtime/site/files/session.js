// Who is signed in. The Amplify libraries hold the tokens and renew them; how they were got is the API's business.

import { Amplify, cognitoUserPoolsTokenProvider, decodeJWT, fetchAuthSession, sessionStorage } from '/amplify-6.22.1.min.js';

const CLIENT = 'como.client';

// Gone with the tab: what is left on a shared machine lets nobody in.
cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage);

function configure(client) {
  const Auth = { Cognito: client };
  cognitoUserPoolsTokenProvider.setAuthConfig(Auth);
  Amplify.configure({ Auth }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
}

/** Keeps the tokens of an answer of `POST /v1/accounts/login`. */
export async function keep(reply) {
  const accessToken = decodeJWT(reply.access_token);
  const { iss, client_id: userPoolClientId, username } = accessToken.payload;
  // The pool is the token's own: after a fail-over the API answers with tokens of another region's.
  const client = { userPoolId: iss.split('/').pop(), userPoolClientId };
  configure(client);
  await sessionStorage.setItem(CLIENT, JSON.stringify(client));
  await cognitoUserPoolsTokenProvider.tokenOrchestrator.setTokens({
    tokens: { accessToken, idToken: decodeJWT(reply.id_token), refreshToken: reply.refresh_token, clockDrift: 0, username },
  });
}

/** An access token that is good for a while yet, or `null`. */
export async function accessToken() {
  const client = await sessionStorage.getItem(CLIENT);
  if (!client) return null;
  configure(JSON.parse(client));
  const { tokens } = await fetchAuthSession();
  return tokens?.accessToken?.toString() ?? null;
}

/** Forgets the tokens on this machine. */
export async function leave() {
  await cognitoUserPoolsTokenProvider.tokenOrchestrator.clearTokens();
  await sessionStorage.removeItem(CLIENT);
}
