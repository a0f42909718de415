// The doubles: what they saw, what has happened there, and how they shall fail.

import { ask, clock, facts, h, notice, number, raw, repeat, show, table } from '/local/files/parts.js';

const ALL = { name: 'every call', terms: {} };
const PARTNERS = [
  {
    id: 'memberson', name: 'Memberson',
    calls: [
      ALL,
      { name: 'sign in of a member', terms: { path_contains: '/signin' } },
      { name: 'sign in of the service', terms: { path_contains: '/user/authenticate' } },
      { name: 'curated experiences', terms: { method: 'GET', path_contains: '/reward' } },
      { name: 'points balance', terms: { path_contains: '/summary' } },
      { name: 'taking points', terms: { method: 'POST', path_contains: '/redeem-point' } },
      { name: 'reading receipts', terms: { path_contains: '/receipts' } },
      { name: 'redeeming an item', terms: { method: 'POST', path_contains: '/reward/redeem' } },
    ],
  },
  {
    id: 'sevenrooms', name: 'SevenRooms',
    calls: [
      ALL,
      { name: 'sign in of the service', terms: { path_contains: '/auth' } },
      { name: 'availability', terms: { path_contains: '/availability' } },
      { name: 'reserving', terms: { method: 'PUT', path_contains: '/book' } },
      { name: 'reading reservations', terms: { method: 'GET', path_contains: '/reservations' } },
      { name: 'cancelling', terms: { method: 'DELETE', path_contains: '/reservations' } },
    ],
  },
  {
    id: 'stripe', name: 'Stripe',
    calls: [
      ALL,
      { name: 'opening a card page', terms: { method: 'POST', path_contains: '/checkout/sessions' } },
      { name: 'reading', terms: { method: 'GET', path_prefix: '/v1/' } },
      { name: 'capturing', terms: { method: 'POST', path_contains: '/capture' } },
      { name: 'releasing', terms: { method: 'POST', path_contains: '/cancel' } },
      { name: 'refunding', terms: { method: 'POST', path_contains: '/refunds' } },
    ],
  },
];

const FAULTS = [
  { id: 'before', name: 'connection lost, before the effect', rule: { mode: 'reset', when: 'before' } },
  { id: 'lost', name: 'reply lost, after the effect', rule: { mode: 'reset', when: 'after' } },
  { id: 'slow', name: 'slow: 3 s', rule: { mode: 'slow', when: 'after', delay_ms: 3000 } },
  { id: 'too-slow', name: 'too slow: 15 s, effect late too', rule: { mode: 'slow', when: 'before', delay_ms: 15000 } },
  { id: 'busy', name: '429, come back in 5 s', rule: { mode: 'overloaded', retry_after_s: 5 } },
  { id: 'down', name: '503, before the effect', rule: { mode: 'down', when: 'before' } },
  { id: 'down-after', name: '500, after the effect', rule: { mode: 'fail', status: 500, when: 'after' } },
  { id: 'malformed', name: '200 and half a document', rule: { mode: 'malformed', when: 'after' } },
  { id: 'truncated', name: 'half the bytes, then gone', rule: { mode: 'truncated', when: 'after' } },
  { id: 'stored', name: '500 kept under its key', rule: { mode: 'fail_stored', when: 'after', status: 500 }, only: 'stripe' },
  { id: 'in-flight', name: 'key in use for 3 s', rule: { mode: 'slow_in_flight', delay_ms: 3000 }, only: 'stripe' },
];
const TIMES = [['once', 1], ['three times', 3], ['from now on', null]];

const path = (partner, what) => `/local/partners/${partner.id}/${what}`;
const post = (body) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
const chosen = { partner: PARTNERS[0], said: null };

async function act(said, ...call) {
  try {
    await ask(...call);
    chosen.said = notice(said);
  } catch (error) {
    chosen.said = notice(error.message, 'alarm');
  }
  await draw();
}

function faultForm(partner) {
  const options = (list) => list.map((one, index) => h('option', { value: String(index) }, one.name ?? one[0]));
  const faults = FAULTS.filter((fault) => !fault.only || fault.only === partner.id);
  const pick = (id, name, list) => h('label', { for: id }, name, h('select', { id }, options(list)));
  const submit = (event) => {
    event.preventDefault();
    const [fault, calls, times] = ['fault', 'calls', 'times'].map((id) => Number(document.getElementById(id).value));
    const [, count] = TIMES[times];
    const rule = { ...faults[fault].rule, ...partner.calls[calls].terms, ...(count ? { count } : {}) };
    act(`${partner.name}: ${faults[fault].name}, ${partner.calls[calls].name}, ${TIMES[times][0]}.`, path(partner, 'faults'), post(rule));
  };
  return h('form', { submit, id: 'fault-form' },
    h('div', { class: 'fields wide' }, pick('fault', 'What goes wrong', faults), pick('calls', 'Of which calls', partner.calls), pick('times', 'How often', TIMES)),
    h('div', { class: 'row' },
      h('button', { type: 'submit' }, 'Set this fault'),
      h('button', { type: 'button', class: 'plain', click: () => act(`${partner.name} works again.`, path(partner, 'faults'), { method: 'DELETE' }) }, 'Let it work again')));
}

function armed(faults) {
  if (faults.length === 0) return h('p', { class: 'quiet', id: 'armed' }, 'No fault is set.');
  const words = ({ mode, when, method, path_contains: part, count, hits }) =>
    `${mode}, ${when} the effect${method ? `, ${method}` : ''}${part ? `, …${part}…` : ''}${count ? `, ${count} times` : ''}: has hit ${hits}`;
  return h('div', { class: 'notice wait', id: 'armed' }, faults.map((fault) => h('p', {}, words(fault))));
}

function otherSwitches(partner) {
  const button = (name, said, ...call) => h('button', { type: 'button', class: 'plain little', click: () => act(said, ...call) }, name);
  const advance = (name, seconds) => button(`+ ${name}`, `${partner.name}'s clock is ${name} further.`, path(partner, 'clock'), post({ advance_s: seconds }));
  return h('div', { class: 'row' },
    partner.id !== 'stripe' && button('Expire service tokens', 'Tokens of the service have expired.', path(partner, 'expire-tokens'), { method: 'POST' }),
    partner.id === 'memberson' && button("Expire members' tokens", "Members' own tokens have expired.", path(partner, 'expire-profile-tokens'), { method: 'POST' }),
    partner.id === 'stripe' && button('Send every webhook again', 'Every event was delivered once more.', path(partner, 'webhooks/redeliver'), post({})),
    advance('an hour', 3600), advance('a day', 86400), advance('a week', 604800),
    button('Back to the seeds', `${partner.name} is as new.`, path(partner, 'reset'), { method: 'POST' }));
}

function calls(entries) {
  const row = (entry) => h('tr', {},
    h('td', { class: 'tight' }, String(entry.sequence)),
    h('td', { class: 'tight' }, clock(entry.at)),
    h('td', { class: entry.status < 200 || 400 <= entry.status ? 'bad tight' : 'tight' }, entry.status === 0 ? 'hung up' : String(entry.status)),
    h('td', { class: 'tight' }, entry.fault === 'none' ? '' : entry.fault, entry.served ? '' : ', not done'),
    h('td', {}, h('code', {}, `${entry.method} ${entry.path}`)),
    h('td', { class: 'small' }, entry.key ?? ''));
  if (entries.length === 0) return h('p', { class: 'quiet' }, 'Nobody has called yet.');
  return table(['', 'at', 'answer', 'fault', 'call', "caller's key"], entries.slice(-60).reverse().map(row));
}

const counted = (book) => (Array.isArray(book) ? book.length : Object.keys(book ?? {}).length);

function books(partner, all, members) {
  const owner = (number) => members.find((member) => member.number === number)?.name ?? number;
  const balances = Object.entries(all.points ?? {}).filter(([member]) => !member.startsWith('M5'));
  return [
    partner.id === 'memberson' && facts(balances.map(([member, hundredths]) => [owner(member), `${number(hundredths / 100)} points`])),
    Object.entries(all).map(([name, book]) => raw(`${name.replaceAll('_', ' ')}: ${counted(book)}`, book)),
  ];
}

let known = '';
async function draw(ifChanged = false) {
  const { partner } = chosen;
  const [setup, ledger, faults] = await Promise.all([
    ask('/local/setup.json'), ask(path(partner, 'ledger')), ask(path(partner, 'faults')),
  ]);
  const state = JSON.stringify([partner.id, ledger, faults]);
  // What somebody is choosing or reading stays as it is.
  if (ifChanged && (state === known || document.querySelector('main details[open]') || document.activeElement?.matches('select'))) return;
  known = state;
  show(
    h('h1', {}, 'Partners'),
    h('p', { class: 'lead' }, 'Doubles of the three partners run in this process. Here they fail on cue, and show what has happened there, whether their caller has heard of it or not.'),
    h('nav', { class: 'tabs', 'aria-label': 'Partners' }, PARTNERS.map((one) => h('a', {
      href: `#${one.id}`, 'aria-current': one === partner,
    }, one.name))),
    chosen.said,
    h('section', { class: 'card' }, h('h2', {}, 'How it shall fail'), armed(faults), faultForm(partner)),
    h('section', { class: 'card' }, h('h2', {}, 'Time and tokens'), otherSwitches(partner)),
    h('section', { class: 'card' }, h('h2', {}, 'What has happened there'), books(partner, ledger.books, setup.members)),
    h('section', { class: 'card', id: 'calls' }, h('h2', {}, 'Calls, the last first'),
      h('p', { class: 'quiet small' }, 'It listens at ', h('code', {}, setup.addresses[partner.id]), '.'), calls(ledger.entries)),
  );
}

function choose() {
  chosen.partner = PARTNERS.find((one) => `#${one.id}` === location.hash) ?? PARTNERS[0];
  chosen.said = null;
  draw().catch((error) => show(notice(error.message, 'alarm')));
}

addEventListener('hashchange', choose);
choose();
repeat(2000, () => draw(true));
