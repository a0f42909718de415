// The API as an app calls it. Tokens go with the tab.

const SESSION = 'como.local.session';
const REQUESTS = 'como.local.requests';

const stored = (key) => JSON.parse(sessionStorage.getItem(key) ?? 'null');

/** What the API says when it says no; `code` is stable, words are not. */
export class Problem extends Error {
  constructor(status, document) {
    super(document?.detail ?? document?.title ?? `The API answered ${status}.`);
    Object.assign(this, { status, code: document?.code, document, fields: document?.errors ?? [] });
  }
}

/** One call; `key` makes it one that is done once, however often it is sent. */
export async function call(method, path, options = {}) {
  return (await exchange(method, path, options)).document;
}

/** As `call`, with the answer's tag; where `known` is still right, there is no document. */
export async function exchange(method, path, { body, key, known, signal } = {}) {
  const headers = { Accept: 'application/json' };
  const token = session()?.access_token;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  if (known) headers['If-None-Match'] = known;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, cache: 'no-store' });
  const tag = answer.headers.get('ETag');
  if (answer.status === 304) return { document: null, tag };
  const text = await answer.text();
  let document = null;
  try {
    document = text ? JSON.parse(text) : null;
  } catch {
    document = { title: text };
  }
  if (!answer.ok) throw new Problem(answer.status, document);
  return { document, tag };
}

export const session = () => stored(SESSION);

export async function signIn(login, password) {
  const reply = await call('POST', '/v1/accounts/login', { body: { login, password } });
  sessionStorage.setItem(SESSION, JSON.stringify(reply));
  return reply;
}

export function signOut() {
  sessionStorage.removeItem(SESSION);
  sessionStorage.removeItem(REQUESTS);
}

/** What was begun in this tab, the newest first: `bookings/<id>` or `redemptions/<id>`, and what it is. */
export const requests = () => stored(REQUESTS) ?? [];

export function remember(place, title) {
  const others = requests().filter((one) => one.place !== place);
  sessionStorage.setItem(REQUESTS, JSON.stringify([{ place, title }, ...others].slice(0, 30)));
}

export const lastRequest = () => requests()[0]?.place ?? null;
