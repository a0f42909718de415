// What all pages are made of.

/** An element; attributes that are false or missing are left out, functions listen. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (typeof value === 'function') element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

export const main = () => document.getElementById('content');

/** Shows these in place of what was there. */
export function show(...children) {
  main().replaceChildren(...children.flat(Infinity).filter(Boolean));
}

export function notice(text, kind = '') {
  return h('div', { class: `notice ${kind}`, role: kind === 'alarm' ? 'alert' : 'status' }, h('p', {}, text));
}

/** A list of names and values; those without a value are left out. */
export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.filter(([, value]) => value != null && value !== '').map(([name, value]) => [
    h('dt', {}, name), h('dd', {}, value),
  ]));
}

export function table(heads, rows) {
  return h('div', { class: 'scroll' }, h('table', {},
    h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, rows)));
}

export function raw(title, document) {
  return h('details', { class: 'small' }, h('summary', {}, title), h('pre', {}, JSON.stringify(document, null, 2)));
}

export const number = (value) => new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(value);

/** Of an instant, to the second, as this machine's clock has it. */
export function clock(instant) {
  const at = new Date(instant);
  return Number.isNaN(at.getTime()) ? String(instant) : at.toLocaleTimeString('en-GB');
}

/** JSON from this process; a failure is an error with the answer's own words. */
export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  const text = await answer.text();
  const body = text ? parsed(text) : null;
  if (!answer.ok) throw new Error(body?.message ?? body?.detail ?? body?.title ?? `${path} answered ${answer.status}`);
  return body;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() };
  }
}

/** Calls again and again while somebody looks. */
export function repeat(every, action) {
  const turn = async () => {
    if (!document.hidden) await action().catch(() => { /* The next turn may do better. */ });
    setTimeout(turn, every);
  };
  setTimeout(turn, every);
}

for (const link of document.querySelectorAll('.top nav a')) {
  if (link.pathname === location.pathname) link.setAttribute('aria-current', 'page');
}
