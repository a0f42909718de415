// The sign-in page: asks the API, never Cognito, and shows who came in.

import { accessToken, keep, leave } from '/session.js';
import { apiAddress } from '/settings.js';

const part = (id) => document.getElementById(id);
const REASONS = {
  'login.wrong_credentials': 'That login and password do not go together. Please try again.',
  'login.password_change_needed': 'Your password must be changed first. Please do so in the ComoClub app, then come back.',
  'request.invalid': 'Please check what you typed.',
};
const UNREACHABLE = 'We cannot sign you in at the moment. Please try again in a minute.';

function say(reason, fields = []) {
  part('reason').textContent = reason;
  part('problem').hidden = false;
  for (const name of ['login', 'password']) {
    part(name).setAttribute('aria-invalid', String(fields.includes(name)));
  }
}

async function post(login, password) {
  const answer = await fetch(`${await apiAddress()}/v1/accounts/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ login, password }),
  });
  return { ok: answer.ok, body: await answer.json() };
}

async function signIn(event) {
  event.preventDefault();
  const login = part('login').value.trim();
  const password = part('password').value;
  const empty = [login ? '' : 'login', password ? '' : 'password'].filter(Boolean);
  if (empty.length > 0) {
    say('Please fill in your login and your password.', empty);
    part(empty[0]).focus();
    return;
  }
  part('problem').hidden = true;
  part('send').disabled = true;
  try {
    const { ok, body } = await post(login, password);
    if (!ok) {
      say(REASONS[body.code] ?? UNREACHABLE, ['login', 'password']);
      part('password').select();
      return;
    }
    await keep(body);
    part('password').value = '';
    await show();
  } catch {
    say(UNREACHABLE);
  } finally {
    part('send').disabled = false;
  }
}

function facts(me) {
  const profile = me?.profile?.value;
  const points = me?.points?.value;
  return [
    ['Name', profile?.name],
    ['Member', me?.id],
    ['Tier', profile?.membership?.tier],
    ['Points', points && new Intl.NumberFormat('en').format(points.balance)],
  ].filter(([, value]) => value);
}

async function show() {
  const token = await accessToken();
  part('entrance').hidden = Boolean(token);
  part('inside').hidden = !token;
  if (!token) return;
  part('hello').focus();
  const answer = await fetch(`${await apiAddress()}/v1/accounts/me`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) return;
  part('facts').replaceChildren(...facts(await answer.json()).flatMap(([name, value]) => {
    const [term, fact] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    fact.textContent = value;
    return [term, fact];
  }));
}

part('form').addEventListener('submit', signIn);
part('leave').addEventListener('click', async () => {
  await leave();
  part('facts').replaceChildren();
  await show();
  part('login').focus();
});
show().catch(() => { /* Without the API the form stays, and says so when it is sent. */ });
