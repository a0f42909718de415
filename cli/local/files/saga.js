// Bookings and redemptions: what is asked of the API for them, and what its answers mean.

import { call, exchange } from '/local/files/api.js';
import { clock, facts, h, notice, number, raw, show } from '/local/files/parts.js';

/** Seconds that the API may keep a question until something changes. */
const WAIT_S = 10;

export const REQUEST_KINDS = [
  {
    name: 'bookings', tab: 'experiences', path: '/v1/bookings', list: '/v1/experiences', hasSlots: true, count: 'Tickets', verb: 'Look',
    title: 'Experiences', lead: 'Curated in Memberson, with free times from SevenRooms.',
    wanted: (id, { date, time, count, payWith }) => ({ experience_id: id, date, time, tickets: count, pay_with: payWith }),
  },
  {
    name: 'redemptions', tab: 'items', path: '/v1/redemptions', list: '/v1/items', hasSlots: false, count: 'Quantity', verb: 'Look',
    title: 'Items', lead: 'What a member redeems and takes home.',
    wanted: (id, { count, payWith }) => ({ item_id: id, quantity: count, pay_with: payWith }),
  },
];

export function price(of) {
  if (!of) return '';
  return [of.points != null && `${number(of.points)} points`, of.money && money(of.money)].filter(Boolean).join(' or ');
}

/** In the currency's smallest unit; the currency says how many make a whole one. */
export function money({ minor, currency }) {
  const format = new Intl.NumberFormat('en-SG', { style: 'currency', currency, currencyDisplay: 'code' });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

const amount = (of) => (of == null ? null : typeof of === 'number' ? `${number(of)} points`
  : of.points != null ? `${number(of.points)} points` : of.money ? money(of.money) : money(of));

/** The summary of a quote, in words. */
export function quotation(quoted) {
  const left = quoted.points_after ?? quoted.balance_after;
  return {
    total: amount(quoted.total ?? quoted.price) ?? '',
    lines: [['Each', amount(quoted.each ?? quoted.unit_price)], ['Points now', quoted.balance != null ? number(quoted.balance) : null], ['Points after', left != null ? number(left) : null], ['Valid until', quoted.expires_at && clock(quoted.expires_at)]],
    isShort: quoted.affordable === false,
  };
}

const STATUSES = {
  in_progress: ['under way', 'wait', 'The middleware is at it.'],
  awaiting_payment: ['waiting for your card', 'wait', 'Nothing is reserved before the card is authorised, and nothing is taken from it before the reservation stands.'],
  queued: ['queued', 'wait', 'A partner is down or does not answer. It is tried again by itself.'],
  needs_sign_in: ['waiting for you to sign in', 'wait', 'Points can only be taken while you are signed in with Memberson. Sign out and in again, and it goes on.'],
  confirmed: ['confirmed', 'good', 'It is yours. A mail says so.'],
  giving_back: ['being given back', 'wait', 'It cannot be done after all; what was taken comes back.'],
  given_back: ['given back', 'bad', 'Nothing was taken, or all that was taken is back.'],
  with_operator: ['with a person', 'bad', 'What no partner offers a way back from is settled by hand.'],
};
const words = (code) => STATUSES[code] ?? [code, '', ''];

function drawn(kind, id, order, { frame, refusal }, said) {
  const [name, mood, meaning] = words(order.status);
  const what = order.order ?? {};
  const post = (action) => async (event) => {
    event.target.disabled = true;
    try {
      await call('POST', `${kind.path}/${id}/${action}`, { key: crypto.randomUUID() });
    } catch (error) {
      document.getElementById('refused').replaceChildren(refusal(error));
      event.target.disabled = false;
    }
  };
  const [cancel, goOn] = [post('cancel'), post('sign-in')];
  const parts = (title, all, line) => all?.length > 0 && h('div', {}, h('h3', {}, title), all.map((one) => h('p', {}, line(one))));
  show(frame('requests',
    h('h1', {}, kind.name === 'bookings' ? 'Your booking' : 'Your redemption'),
    h('div', { class: 'two' },
      h('section', { class: 'card' },
        h('p', {}, h('span', { class: `status ${mood}`, id: 'status', 'data-status': order.status }, name)),
        h('p', {}, meaning), said,
        order.payment_url && h('p', {}, h('a', { class: 'button', href: order.payment_url, id: 'pay' }, 'Go to the card page')),
        order.status === 'needs_sign_in' && h('p', {}, h('button', { type: 'button', id: 'go-on', click: goOn }, 'I have signed in again')),
        facts([
          ['Number', id], ['What', what.experience_id ?? what.item_id], ['Price', amount(order.price)],
          ['When', [what.date, what.time].filter(Boolean).join(', ')], ['Tickets', what.tickets], ['Quantity', what.quantity],
          ['Reservation', order.reservation], ['Reason', order.reason?.replaceAll('_', ' ')],
          ['Until', order.until && clock(order.until)], ['Next try', order.next_try_at && clock(order.next_try_at)],
        ]),
        order.cancellation_refused && notice('The partner does not let it be cancelled.', 'wait'),
        parts('What comes back', order.compensations, (one) => `${one.of}: ${amount(one.amount)}, ${one.progress.replaceAll('_', ' ')}`),
        parts('With a person', order.open_actions, (one) => `${one.kind.replaceAll('-', ' ')}: ${amount(one.amount)}`),
        h('div', { id: 'refused' }),
        order.status === 'confirmed' && h('p', {}, h('button', { type: 'button', class: 'plain little', id: 'cancel', click: cancel }, 'Cancel it')),
        raw('As the API answered', order)),
      h('aside', { class: 'card' }, h('h2', {}, 'What happened'),
        h('ol', { class: 'steps', id: 'history' }, (order.history ?? []).map((one) => h('li', {}, h('span', {}, words(one.status)[0]), h('time', { datetime: one.at }, clock(one.at))))),
        h('p', { class: 'quiet small' }, 'It is asked with a long poll, and answered when something changes. ', h('a', { href: '/local/inbox' }, 'Inbox'), ', ', h('a', { href: '/local/partners' }, 'partners'), '.')))));
}

/** Shows a request and keeps asking, as long as somebody looks. */
export async function watch(kind, id, around) {
  const { signal } = around;
  const path = `${kind.path}/${encodeURIComponent(id)}`;
  let { document: order, tag } = await exchange('GET', path, { signal });
  await around.refresh();
  drawn(kind, id, order, around);
  while (!signal.aborted) {
    try {
      const next = await exchange('GET', `${path}?wait=${WAIT_S}`, { signal, known: tag });
      if (!next.document) continue;
      ({ document: order, tag } = next);
      // Points may have gone, or come back.
      await around.refresh();
      drawn(kind, id, order, around);
    } catch (error) {
      if (error.name === 'AbortError') return;
      drawn(kind, id, order, around, notice(error.message, 'alarm'));
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}
