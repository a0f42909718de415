// Draws the API's description from its OpenAPI document. Text is only ever set as text.

import { apiAddress } from '/settings.js';

const part = (id) => document.getElementById(id);
const PROBLEM = 'Problem';

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

/** Text in which what stands between backticks is code. */
function words(text = '') {
  return text.split('`').map((piece, index) => (index % 2 ? make('code', {}, piece) : piece));
}

const nameOf = (reference) => reference.split('/').pop();
const anchor = (name) => `schema-${name.replace(/[^A-Za-z0-9]/g, '-')}`;
const link = (reference) => make('a', { href: `#${anchor(nameOf(reference))}` }, nameOf(reference));

/** A schema's type in a few words; other schemas are links. */
function kind(schema = {}) {
  if (schema.$ref) return [link(schema.$ref)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(' or ')];
  const variants = (schema.oneOf ?? schema.anyOf)?.filter((variant) => variant.type !== 'null');
  if (variants) return variants.flatMap((variant, index) => [...(index ? [' or '] : []), ...kind(variant)]);
  const types = [schema.type ?? 'any'].flat().filter((type) => type !== 'null');
  if (types.includes('array')) return ['list of ', ...kind(schema.items)];
  const format = { 'date-time': 'date and time', date: 'date', password: 'password' }[schema.format];
  return [format ?? types.join(' or ')];
}

function row(name, schema, isRequired, description) {
  const example = schema.example ?? schema.examples?.[0];
  const note = [...words(description ?? schema.description)];
  if (example !== undefined) note.push(note.length ? ' For example ' : 'For example ', make('code', {}, String(example)));
  return make('tr', {},
    make('th', { scope: 'row' }, make('code', {}, name), isRequired ? null : make('span', { class: 'optional' }, ' optional')),
    make('td', { class: 'kind' }, ...kind(schema)),
    make('td', {}, make('p', {}, ...note)));
}

const table = (rows) => make('div', { class: 'table', tabindex: '0' }, make('table', {}, make('tbody', {}, ...rows)));

function properties(schema) {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, value]) => row(name, value, required.has(name)));
}

function response([status, answer]) {
  const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
  const reference = content?.schema?.$ref;
  const shape = type?.includes('json') && reference && nameOf(reference) !== PROBLEM ? kind(content.schema) : [];
  return make('tr', {},
    make('th', { scope: 'row' }, make('code', {}, status)),
    make('td', {}, make('p', {}, ...words(answer.description))),
    make('td', { class: 'kind' }, ...shape));
}

function operation(path, method, about) {
  const id = `operation-${about.operationId}`;
  const body = Object.values(about.requestBody?.content ?? {})[0]?.schema;
  const parts = [
    make('h3', {}, about.summary ?? about.operationId),
    make('p', { class: 'call' },
      make('span', { class: `method ${method}` }, method), make('span', {}, path),
      make('span', { class: 'badge' }, about.security ? 'members' : 'public')),
  ];
  if (about.description) parts.push(make('p', {}, ...words(about.description)));
  if (about.parameters?.length) {
    const rows = about.parameters.map((each) => row(each.name, each.schema, each.required, each.description));
    parts.push(make('h4', {}, 'Parameters'), table(rows));
  }
  if (body) parts.push(make('h4', {}, 'Body'), make('p', {}, ...kind(body)));
  parts.push(make('h4', {}, 'Answers'), table(Object.entries(about.responses).map(response)));
  return { id, title: about.summary ?? about.operationId, element: make('article', { class: 'operation', id }, ...parts) };
}

function schema(name, about) {
  const parts = [make('h3', {}, name)];
  if (about.description) parts.push(make('p', {}, ...words(about.description)));
  const variants = about.oneOf ?? about.anyOf;
  if (variants) {
    for (const variant of variants) {
      const tag = Object.values(variant.properties ?? {}).find((value) => value.enum)?.enum[0];
      parts.push(make('h4', {}, tag ?? 'One of'));
      if (variant.description) parts.push(make('p', {}, ...words(variant.description)));
      parts.push(variant.properties ? table(properties(variant)) : make('p', {}, ...kind(variant)));
    }
  } else if (about.properties) {
    parts.push(table(properties(about)));
  } else {
    parts.push(make('p', {}, ...kind(about)));
  }
  return { id: anchor(name), title: name, element: make('article', { class: 'operation schema', id: anchor(name) }, ...parts) };
}

function chapter(title, description, entries) {
  const list = entries.map(({ id, title: text }) => make('li', {}, make('a', { href: `#${id}` }, text)));
  part('contents').append(make('h2', {}, title), make('ul', {}, ...list));
  const heading = make('h2', {}, title[0].toUpperCase() + title.slice(1));
  part('body').append(heading, ...(description ? [make('p', {}, ...words(description))] : []), ...entries.map((entry) => entry.element));
}

function draw(document_) {
  part('title').textContent = document_.info.title;
  part('lead').replaceChildren(...words(document_.info.description));
  const operations = Object.entries(document_.paths)
    .flatMap(([path, item]) => Object.entries(item).map(([method, about]) => ({ path, method, about })));
  for (const tag of document_.tags) {
    const own = operations.filter(({ about }) => about.tags?.includes(tag.name));
    if (own.length) chapter(tag.name, tag.description, own.map(({ path, method, about }) => operation(path, method, about)));
  }
  const schemas = Object.entries(document_.components.schemas).sort(([one], [other]) => one.localeCompare(other));
  chapter('schemas', '', schemas.map(([name, about]) => schema(name, about)));
}

async function begin() {
  const answer = await fetch('/openapi.json');
  if (!answer.ok) throw new Error(String(answer.status));
  draw(await answer.json());
  part('waiting').remove();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  part('base').textContent = await apiAddress();
  part('address').hidden = false;
}

begin().catch(() => {
  const waiting = part('waiting');
  if (waiting) waiting.textContent = 'The document cannot be read at the moment. Please try again in a minute.';
});
