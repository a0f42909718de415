// Where the card page leads back to: on to what was being paid for.

import { h, show } from '/local/files/parts.js';
import { lastRequest } from '/local/files/api.js';

const last = lastRequest();
if (last) {
  location.replace(`/#/${last}`);
} else {
  show(h('section', { class: 'card' }, h('h1', {}, 'Back from the card page'),
    h('p', {}, 'This tab has begun nothing that would be waiting. '), h('p', {}, h('a', { class: 'button', href: '/' }, 'Go on'))));
}
