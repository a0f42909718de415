// The pages of `como deploy local` in a real browser: a booking with points and one by card, end to end, as a person does it.
//
// Usage: node pages.mjs COMO NODE_MODULES CHROMIUM [SCREENSHOTS]
// Judged by what the pages show and by the doubles' ledgers. Everything is on loopback; a request to anywhere else fails.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [como, modules, executablePath, screenshots] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, 'none.js'))('playwright-core');
const MEI = { login: 'mei.tan@example.com', password: 'correct-horse-battery', member: 'M2000001' };
const LONGEST = 30_000;

/** como, until it is ended as a person does it. */
async function started() {
  const child = spawn(como, ['deploy', 'local', '--port', '0', '--output', 'json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout) {
    text += piece;
    if (text.trimEnd().endsWith('}')) return { child, up: JSON.parse(text) };
  }
  throw new Error(`como ended at once: ${text}`);
}

async function ended(child) {
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = await exit;
  assert.equal(code, 0, 'Ctrl-C is the way to end it');
}

const books = async (up, partner) => (await (await fetch(`${up.addresses[partner]}/_double/ledger`)).json()).books;
const points = async (up) => (await books(up, 'memberson')).points[MEI.member] / 100;
const live = (reservations) => Object.values(reservations).filter((one) => !/cancel/i.test(JSON.stringify(one.status ?? '')));

async function signIn(page, origin) {
  await page.goto(`${origin}/`);
  await page.click(`[data-login="${MEI.login}"]`);
  await page.fill('#password', 'not it');
  await page.click('#enter');
  await page.waitForSelector('.notice.alarm');
  await page.click(`[data-login="${MEI.login}"]`);
  await page.click('#enter');
  await page.waitForSelector('[data-offer="EXP-1001"]');
  assert.equal(await page.textContent('#balance'), '12,500');
}

/** Chooses and confirms; ends at the page of what was begun. */
async function begin(page, origin, place, { payWith, count }) {
  await page.goto(`${origin}/#/${place}`);
  await page.waitForSelector('#choose');
  await page.fill('#count', String(count));
  await page.dispatchEvent('#count', 'change');
  await page.waitForFunction((wanted) => document.getElementById('count')?.value === wanted, String(count));
  await page.check(`input[name="pay"][value="${payWith}"]`, { force: true });
  await page.click('#ask');
  await arrives(page, '#total');
  const total = await page.textContent('#total');
  await page.click('#confirm');
  await arrives(page, '#status');
  return total;
}

/** What is waited for, or what the page says in its place. */
async function arrives(page, wanted) {
  await page.waitForSelector(`${wanted}, .notice.alarm`);
  const alarm = await page.$('.notice.alarm');
  assert.equal(alarm && (await alarm.textContent()), null, `in place of ${wanted}`);
}

const becomes = (page, status) => page.waitForSelector(`#status[data-status="${status}"]`, { timeout: LONGEST });

/** At the card page; the card is Stripe's test card. */
async function pay(page, card) {
  await becomes(page, 'awaiting_payment');
  await page.click('#pay');
  await page.waitForSelector('input[name="number"]');
  await page.fill('input[name="number"]', card);
  await page.click('button#pay');
}

async function confirmed(page) {
  await becomes(page, 'confirmed');
  const history = await page.$$eval('#history li', (steps) => steps.map((step) => step.textContent));
  assert.ok(1 < history.length, `a history of several steps: ${history}`);
}

async function withPoints({ page, up, origin }) {
  const before = await points(up);
  assert.equal(await begin(page, origin, 'experiences/EXP-1004', { payWith: 'points', count: 2 }), '5,800 points');
  await confirmed(page);
  assert.equal(before - (await points(up)), 5_800, 'the points are taken once');
  assert.equal(live((await books(up, 'sevenrooms')).reservations).length, 1);
}

async function byCard({ page, up, origin }) {
  const before = await points(up);
  await begin(page, origin, 'experiences/EXP-1003', { payWith: 'card', count: 2 });
  await pay(page, '4000 0000 0000 0002');
  await page.waitForSelector('[role="alert"]');
  await page.fill('input[name="number"]', '4242 4242 4242 4242');
  await page.click('button#pay');
  await page.waitForURL(`${origin}/**`);
  await confirmed(page);
  const { charges } = await books(up, 'stripe');
  const captured = charges.filter((charge) => charge.captured);
  assert.deepEqual(captured.map((charge) => charge.amount_captured), [27_600], 'two tickets at 138.00, once');
  assert.equal(await points(up), before, 'a card takes no points');
  assert.equal(live((await books(up, 'sevenrooms')).reservations).length, 2);
}

async function replyLost({ page, up, origin }) {
  await page.goto(`${origin}/local/partners#sevenrooms`);
  await page.waitForSelector('#fault-form');
  await page.selectOption('#fault', { label: 'reply lost, after the effect' });
  await page.selectOption('#calls', { label: 'reserving' });
  await page.selectOption('#times', { label: 'once' });
  await page.click('#fault-form button[type="submit"]');
  await page.waitForSelector('#armed.notice');
  await begin(page, origin, 'experiences/EXP-1006', { payWith: 'points', count: 1 });
  await confirmed(page);
  assert.equal(live((await books(up, 'sevenrooms')).reservations).length, 3, 'reserved once, though nobody heard of it');
  await page.goto(`${origin}/local/partners#sevenrooms`);
  await page.waitForSelector('#calls tbody tr');
  assert.match(await page.textContent('#calls'), /hung up/);
}

async function redeemed({ page, up, origin }) {
  const before = await points(up);
  await begin(page, origin, 'items/ITM-2001', { payWith: 'points', count: 1 });
  await confirmed(page);
  assert.ok((await points(up)) < before);
  assert.equal(Object.keys((await books(up, 'memberson')).redemptions).length, 1);
}

async function mailed({ page, origin }) {
  await page.goto(`${origin}/local/inbox`);
  await page.waitForFunction(() => 3 <= document.querySelectorAll('.mails li').length, undefined, { timeout: LONGEST });
  assert.match(await page.textContent('#mail'), /mei\.tan@example\.com/);
}

/** Nothing sticks out, in light and dark, on a telephone and on a desk. */
async function looks(browser, origin, session) {
  for (const width of [390, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      await context.addInitScript((kept) => Object.entries(kept).forEach(([key, value]) => sessionStorage.setItem(key, value)), session);
      const page = await context.newPage();
      for (const [name, place] of Object.entries({ offers: '/', offer: '/#/experiences/EXP-1003', requests: '/#/requests', inbox: '/local/inbox', partners: '/local/partners#memberson' })) {
        await page.goto('about:blank');
        await page.goto(`${origin}${place}`);
        await page.waitForSelector('main h1');
        const [inner, whole] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollWidth]);
        assert.ok(whole <= inner, `${name} is ${whole} wide on a screen of ${inner}`);
        if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      await context.close();
    }
  }
}

const { child, up } = await started();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
try {
  console.log(`up after ${up.took_ms} ms`);
  const origin = up.addresses.api;
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  page.setDefaultTimeout(LONGEST);
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`a script failed: ${error.message}`));
  page.on('console', (message) => /Content Security Policy/.test(message.text()) && wrong.push(message.text()));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') wrong.push(`a request to ${hostname}`);
  });
  await signIn(page, origin);
  for (const scene of [withPoints, byCard, replyLost, redeemed, mailed]) {
    await scene({ page, up, origin });
    console.log(`${scene.name}: as it should be`);
  }
  await page.goto(`${origin}/`);
  const session = await page.evaluate(() => ({ ...sessionStorage }));
  await looks(browser, origin, session);
  assert.deepEqual(wrong, []);
  console.log('pages fit screens of 390 and 1280 pixels, light and dark, and ask nobody else');
} finally {
  await browser.close();
  await ended(child);
}
