// Every use case by hand: sign in, look, quote, confirm, pay, watch, cancel.

import { Problem, call, remember, requests, session, signIn, signOut } from '/local/files/api.js';
import { ask, facts, h, notice, number, raw, show } from '/local/files/parts.js';
import { REQUEST_KINDS, price, quotation, watch } from '/local/files/saga.js';

let setup = null;

// Signing in.

function entrance(said) {
  const field = (id, name, type, autocomplete) => h('label', { for: id }, name, h('input', { id, type, autocomplete, required: true }));
  const submit = async (event) => {
    event.preventDefault();
    const [login, password] = ['login', 'password'].map((id) => document.getElementById(id).value.trim());
    try {
      await signIn(login, password);
      location.hash = '#/experiences';
      await route();
    } catch (error) {
      show(entrance(notice(error.message, 'alarm')));
    }
  };
  return [
    h('h1', {}, 'The API, by hand'),
    h('p', { class: 'lead' }, 'All services, the doubles of Memberson, SevenRooms and Stripe, and what they keep run in this one process. What these pages do, they do through the API, as an app would.'),
    h('div', { class: 'two' },
      h('section', { class: 'card' }, h('h2', {}, 'Sign in'), said,
        h('form', { submit, id: 'sign-in' }, field('login', 'E-mail or mobile number', 'text', 'username'), field('password', 'Password', 'password', 'current-password'),
          h('div', { class: 'row' }, h('button', { type: 'submit', id: 'enter' }, 'Sign in')))),
      people()),
  ];
}

function people() {
  const pick = (member) => () => {
    document.getElementById('login').value = member.login;
    document.getElementById('password').value = member.password;
    document.getElementById('enter').focus();
  };
  const { members, crowd } = setup;
  return h('aside', { class: 'card' }, h('h2', {}, 'Who can sign in'),
    h('ul', { class: 'people' },
      members.map((member) => h('li', {},
        h('div', { class: 'row apart' }, h('b', {}, member.name), h('button', { type: 'button', class: 'plain little', click: pick(member), 'data-login': member.login }, 'Take')),
        h('div', { class: 'keys' }, h('code', {}, member.login), h('code', {}, member.password)),
        h('div', { class: 'quiet small' }, `${member.tier}, ${number(member.points)} points${member.note ? `; ${member.note}` : ''}`))),
      h('li', {}, h('div', { class: 'row apart' }, h('b', {}, `A crowd of ${crowd.count}`), h('button', { type: 'button', class: 'plain little', click: pick(crowd) }, 'Take')),
        h('div', { class: 'keys' }, h('code', {}, crowd.login), h('code', {}, crowd.password)),
        h('div', { class: 'quiet small' }, `${number(crowd.points)} points each; 001 to ${crowd.count}, in both`))));
}

function cards() {
  return h('aside', { class: 'card' }, h('h2', {}, 'Cards'),
    h('ul', { class: 'people' }, setup.cards.map((card) => h('li', {}, h('code', {}, card.number), h('div', { class: 'quiet small' }, card.what)))),
    h('p', { class: 'quiet small' }, 'Any date to come and any three digits go with them. ', h('a', { href: '/local/partners' }, 'Partners'), ' can be made to fail.'));
}

// Signed in.

let me = null;

async function readMe() {
  try {
    me = await call('GET', '/v1/accounts/me');
  } catch (error) {
    if (error instanceof Problem && error.status === 401) throw error;
    me = null;
  }
}

const balance = () => me?.points?.value?.balance;

function frame(current, ...content) {
  const tab = (place, name) => h('a', { href: `#/${place}`, 'aria-current': place === current }, name);
  const leave = () => {
    signOut();
    location.hash = '#/';
    route();
  };
  const name = me?.profile?.value?.name ?? session()?.member?.name ?? session()?.member?.id;
  const tier = me?.profile?.value?.membership?.tier;
  return [
    h('div', { class: 'bar' },
      h('span', {}, h('b', {}, name), tier ? `, ${tier}` : ''),
      h('span', {}, h('b', { id: 'balance' }, balance() === undefined ? 'unknown' : number(balance())), ' points ',
        h('button', { type: 'button', class: 'link', click: () => readMe().then(route) }, 'read again')),
      h('button', { type: 'button', class: 'plain little push', click: leave }, 'Sign out')),
    h('nav', { class: 'tabs', 'aria-label': 'Use cases' }, tab('experiences', 'Experiences'), tab('items', 'Items'), tab('requests', 'My requests')),
    content,
  ];
}

const list = (document) => (Array.isArray(document) ? document : Object.values(document ?? {}).find(Array.isArray) ?? []);
const value = (section) => (section && 'value' in section ? section.value : section);

async function offers(kind) {
  const { title, lead } = kind;
  const answer = value(await call('GET', kind.list));
  show(frame(kind.tab, h('h1', {}, title), h('p', { class: 'lead' }, lead),
    h('div', { class: 'grid' }, list(value(answer)).map((offer) => h('article', { class: 'card offer' },
      h('p', { class: 'over' }, [offer.brand, offer.category].filter(Boolean).join(' · ')),
      h('h3', {}, offer.title), h('p', { class: 'quiet' }, offer.summary),
      h('div', { class: 'row apart' }, h('b', {}, price(offer.price)), h('a', { class: 'button little', href: `#/${kind.tab}/${offer.id}`, 'data-offer': offer.id }, kind.verb)))))));
}

// Looking, choosing, a quote, its confirmation.

const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
const dayAfter = (days) => new Date(Date.now() + 8 * 3600e3 + days * 864e5).toISOString().slice(0, 10);

async function offer(kind, id, choice = {}) {
  const chosen = { date: dayAfter(2), count: 2, payWith: 'points', ...choice };
  const query = kind.hasSlots ? `?date=${chosen.date}&party_size=${chosen.count}` : '';
  const found = await call('GET', `${kind.list}/${encodeURIComponent(id)}${query}`);
  const details = value(found.experience ?? found.item ?? found.details ?? found);
  const slots = value(found.availability)?.slots ?? [];
  const again = (change) => offer(kind, id, { ...read(), ...change }).catch(failed);
  const read = () => ({
    date: document.getElementById('date')?.value ?? chosen.date,
    count: Number(document.getElementById('count').value),
    payWith: document.querySelector('input[name="pay"]:checked').value,
    time: document.querySelector('input[name="time"]:checked')?.value,
  });
  const radio = (name, text, choice, attributes = {}) => h('label', {}, h('input', { type: 'radio', name, value: choice, ...attributes }), h('span', {}, text));
  const submit = async (event) => {
    event.preventDefault();
    const wanted = read();
    const place = document.getElementById('quote');
    place.replaceChildren(notice('Asking for a quote.'));
    try {
      const quoted = await call('POST', `${kind.path}/quotes`, { body: kind.wanted(id, wanted) });
      place.replaceChildren(quote(kind, details.title, wanted, quoted));
      document.getElementById('confirm')?.focus();
    } catch (error) {
      place.replaceChildren(refusal(error, () => again({ payWith: 'card' })));
    }
  };
  show(frame(kind.tab, h('div', { class: 'two' },
    h('section', {},
      h('p', { class: 'over' }, [details.brand, details.category].filter(Boolean).join(' · ')),
      h('h1', {}, details.title), h('p', {}, details.description ?? details.summary),
      facts([
        ['Price', price(details.price)],
        ['Takes', details.duration_minutes && `${details.duration_minutes} minutes`],
        ['Venue', value(found.venue)?.name], ['In stock', details.stock ?? details.available],
        ['Your points', balance() === undefined ? 'unknown' : number(balance())],
        ['Terms', details.terms],
      ]),
      kind.hasSlots && found.availability && !('value' in found.availability) && notice(`Free times cannot be read: ${found.availability.reason}.`, 'wait'),
      h('form', { submit, class: 'card', id: 'choose' },
        h('div', { class: 'fields' },
          kind.hasSlots && h('label', { for: 'date' }, 'Date', h('input', { id: 'date', type: 'date', value: chosen.date, min: today(), required: true, change: () => again({}) })),
          h('label', { for: 'count' }, kind.count, h('input', { id: 'count', type: 'number', min: '1', max: '20', value: String(chosen.count), required: true, change: () => kind.hasSlots && again({}) }))),
        kind.hasSlots && h('fieldset', {}, h('legend', {}, 'Time'), slots.length === 0
          ? h('p', { class: 'quiet' }, 'The venue names no free time on this day.')
          : h('div', { class: 'choices', id: 'slots' }, slots.map((slot, index) => radio('time', slot.time, slot.time, { checked: chosen.time ? slot.time === chosen.time : index === 0 })))),
        h('fieldset', {}, h('legend', {}, 'Pay with'), h('div', { class: 'choices' },
          radio('pay', 'Points', 'points', { checked: chosen.payWith === 'points' }), radio('pay', 'Card', 'card', { checked: chosen.payWith === 'card' }))),
        h('div', { class: 'row' }, h('button', { type: 'submit', id: 'ask' }, 'Get a quote'))),
      h('div', { id: 'quote', 'aria-live': 'polite' }),
      raw('As the API answered', found)),
    cards())));
}

function quote(kind, title, wanted, quoted) {
  const key = crypto.randomUUID();
  const confirm = async () => {
    const button = document.getElementById('confirm');
    button.disabled = true;
    try {
      // The quote is sealed: it says what was chosen, and at which price.
      const made = await call('POST', kind.path, { key, body: { quote: quoted.quote } });
      remember(`${kind.name}/${made.id}`, title);
      location.hash = `#/${kind.name}/${made.id}`;
    } catch (error) {
      button.disabled = false;
      document.getElementById('refused').replaceChildren(refusal(error));
    }
  };
  return h('section', { class: 'card' }, h('h2', {}, 'Summary'),
    h('p', { class: 'sum', id: 'total' }, quotation(quoted).total),
    facts(quotation(quoted).lines),
    quotation(quoted).isShort && notice('There are too few points. A card would do.', 'wait'),
    h('div', { id: 'refused' }),
    h('div', { class: 'row' }, h('button', { type: 'button', id: 'confirm', click: confirm }, wanted.payWith === 'card' ? 'Confirm and pay by card' : 'Confirm'),
      h('span', { class: 'quiet small' }, 'Sent under the key ', h('code', {}, key))),
    raw('As the API answered', quoted));
}

function refusal(error, byCard) {
  const fields = (error.fields ?? []).map((field) => h('p', { class: 'small' }, h('code', {}, field.field), ` ${field.message}`));
  const offersCard = byCard && /points/.test(error.code ?? '') && h('p', {}, h('button', { type: 'button', class: 'plain little', click: byCard, id: 'by-card' }, 'Pay by card instead'));
  return h('div', { class: 'notice alarm', role: 'alert' }, h('p', {}, error.message, ' ', error.code && h('code', {}, error.code)), fields, offersCard);
}

// What was begun.

async function mine() {
  const known = requests();
  const lists = await Promise.all(REQUEST_KINDS.map((kind) => call('GET', kind.path).then(list, () => []).then((all) => all.map((one) => ({
    place: `${kind.name}/${one.id}`, title: one.order?.experience_id ?? one.order?.item_id ?? kind.title, status: one.status,
  })))));
  const told = lists.flat();
  const begun = [...told, ...known.filter((one) => told.every((other) => other.place !== one.place))];
  show(frame('requests', h('h1', {}, 'My requests'),
    begun.length === 0 ? h('p', { class: 'lead' }, 'Nothing was begun yet.')
      : h('ul', { class: 'people card' }, begun.map((one) => h('li', {}, h('a', { href: `#/${one.place}` }, one.title), h('div', { class: 'quiet small' }, [one.status?.replaceAll('_', ' '), one.place].filter(Boolean).join(' · ')))))));
}

// Places.

const failed = (error) => {
  if (error instanceof Problem && error.status === 401) {
    signOut();
    show(entrance(notice('Please sign in again.', 'wait')));
    return;
  }
  show(session() ? frame('', refusal(error), h('p', {}, h('button', { type: 'button', class: 'plain', click: route }, 'Try again'))) : [refusal(error)]);
};

let watching = null;

async function route() {
  watching?.abort();
  watching = new AbortController();
  try {
    setup ??= await ask('/local/setup.json');
    if (!session()) return show(entrance());
    const [, tab = 'experiences', id] = location.hash.split('/');
    await readMe();
    const kind = REQUEST_KINDS.find((one) => one.tab === tab);
    const begun = REQUEST_KINDS.find((one) => one.name === tab);
    if (tab === 'requests') return await mine();
    if (begun && id) return await watch(begun, id, { frame, refusal, signal: watching.signal, refresh: readMe });
    if (kind && id) return await offer(kind, decodeURIComponent(id));
    return await offers(kind ?? REQUEST_KINDS[0]);
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  }
}

addEventListener('hashchange', route);
route();
