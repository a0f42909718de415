// The inbox: what members were sent, as SES was given it.

import { ask, clock, facts, h, notice, raw, repeat, show } from '/local/files/parts.js';

let chosen = null;
let known = '';

async function draw(always = false) {
  const mails = await ask('/local/mails.json');
  const state = JSON.stringify([mails.map((mail) => mail.id), chosen]);
  if (!always && state === known) return;
  known = state;
  const mail = mails.find((one) => one.id === chosen) ?? mails[0];
  show(
    h('h1', {}, 'Inbox'),
    h('p', { class: 'lead' }, 'Every mail that the middleware has sent, to whomever; nothing leaves this machine.'),
    mails.length === 0 ? notice('No mail has been sent yet. A confirmed booking sends one.') : h('div', { class: 'mails' },
      h('ol', { class: 'card', 'aria-label': 'Mails' }, mails.map((one) => h('li', {}, h('button', {
        type: 'button', 'aria-current': one === mail,
        click: () => { chosen = one.id; draw(true); },
      }, h('b', {}, one.subject ?? '(no subject)'), h('span', { class: 'quiet small' }, `${clock(one.at)} · ${one.to.join(', ')}`))))),
      reading(mail)),
  );
}

function reading(mail) {
  return h('article', { class: 'card', id: 'mail' },
    h('h2', {}, mail.subject ?? '(no subject)'),
    facts([['From', mail.from], ['To', mail.to.join(', ')], ['Sent', clock(mail.at)]]),
    // Without permissions: nothing in it can run, load or lead this page away.
    mail.html ? h('iframe', { title: 'The mail', sandbox: '', srcdoc: mail.html }) : h('pre', {}, mail.text ?? ''),
    mail.html && mail.text && h('details', { class: 'small' }, h('summary', {}, 'As text'), h('pre', {}, mail.text)),
    raw('As it was sent', mail));
}

draw().catch((error) => show(notice(error.message, 'alarm')));
repeat(2000, draw);
