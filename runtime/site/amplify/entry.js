// The parts of the Amplify libraries that hold a member's tokens and renew them; nothing that asks for a password.
export { Amplify, decodeJWT, sessionStorage } from '@aws-amplify/core';
export { cognitoUserPoolsTokenProvider } from '@aws-amplify/auth/cognito';
export { fetchAuthSession } from '@aws-amplify/auth';
