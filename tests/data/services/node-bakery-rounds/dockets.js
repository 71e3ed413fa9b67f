'use strict';
// What becomes of an order on its way to a printed docket: each stage gets the docket so far and adds its part.
const { createHash, createHmac } = require('node:crypto');
const Ajv = require('ajv');
const Handlebars = require('handlebars');
const { DateTime } = require('luxon');

const ajv = new Ajv({ allErrors: true });
const validOrder = ajv.compile({
  type: 'object',
  required: ['number', 'shop', 'lines', 'placed'],
  properties: {
    number: { type: 'integer', minimum: 1 },
    shop: { type: 'object', required: ['name', 'street'], properties: { name: { type: 'string', minLength: 2 }, street: { type: 'string', pattern: '^[\\p{L} .-]+ \\d+$' } } },
    placed: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT' },
    lines: { type: 'array', minItems: 1, items: { type: 'object', required: ['sku', 'pieces'], properties: { sku: { type: 'string' }, pieces: { type: 'integer', minimum: 1, maximum: 400 } } } },
  },
});

Handlebars.registerHelper('euro', (cents) => `${Math.floor(cents / 100)},${String(cents % 100).padStart(2, '0')}`);
const docketTemplate = Handlebars.compile(
  '{{number}} {{shop.name}}\n{{#each lines}}{{pieces}} x {{name}}{{#if cut}} (cut){{/if}} {{euro total}}\n{{/each}}'
  + '{{#if note}}! {{note}}\n{{/if}}total {{euro sum}}  leave {{leave}}\n',
);

function checkOrder(docket) {
  docket.faults = validOrder(docket.order) ? [] : validOrder.errors.map((e) => `${e.instancePath} ${e.message}`);
  return docket;
}

function copyOrder(docket) {
  const { order } = docket;
  Object.assign(docket, { number: order.number, shop: { ...order.shop }, lines: order.lines.map((line) => ({ ...line })) });
  return docket;
}

function nameLines(docket, { products }) {
  for (const line of docket.lines) {
    const product = products.get(line.sku);
    line.name = product.name.replace(/\b\p{Ll}/gu, (c) => c.toUpperCase());
    line.grams = product.grams * line.pieces;
    line.allergens = [...new Set(product.flours.flatMap((flour) => (flour === 'rice' ? [] : ['gluten', flour])))].sort();
  }
  return docket;
}

function priceLines(docket, { products }) {
  for (const line of docket.lines) {
    const { price } = products.get(line.sku);
    const scale = line.pieces >= 60 ? 0.88 : line.pieces >= 24 ? 0.94 : 1;
    line.total = Math.round(price * line.pieces * scale);
  }
  docket.sum = docket.lines.reduce((sum, line) => sum + line.total, 0);
  return docket;
}

function planTimes(docket, { day }) {
  const placed = DateTime.fromISO(docket.order.placed, { zone: 'utc' });
  const leave = DateTime.fromISO(day, { zone: 'utc' }).plus({ hours: 3, minutes: (docket.number * 7) % 110 });
  docket.leave = leave.toFormat('HH:mm');
  docket.notice = Math.round(leave.diff(placed, 'hours').hours);
  return docket;
}

function sortLines(docket) {
  docket.lines.sort((a, b) => b.grams - a.grams || (a.name < b.name ? -1 : 1));
  return docket;
}

function tidyNote(docket) {
  docket.note = docket.order.note.trim().replace(/\s+/g, ' ').replace(/\b(pls|plz)\b/gi, 'please').replace(/!+$/, '');
  return docket;
}

function packBoxes(docket) {
  const boxes = [];
  for (const line of docket.lines) {
    let left = line.grams;
    while (left > 0) {
      const box = boxes.find((b) => b.free >= Math.min(left, 900)) ?? boxes[boxes.push({ free: 9000, skus: [] }) - 1];
      const part = Math.min(left, box.free);
      box.free -= part;
      box.skus.push(line.sku);
      left -= part;
    }
  }
  docket.boxes = boxes.map((box, n) => ({ box: n + 1, grams: 9000 - box.free, skus: [...new Set(box.skus)] }));
  return docket;
}

function addLabels(docket) {
  docket.labels = docket.boxes.map(({ box }) => {
    const digits = `${docket.number}`.padStart(9, '0') + String(box).padStart(3, '0');
    const sum = [...digits].reduce((s, d, i) => s + Number(d) * (i % 2 ? 3 : 1), 0);
    return `${digits}${(10 - (sum % 10)) % 10}`;
  });
  return docket;
}

function printDocket(docket) {
  docket.text = docketTemplate(docket);
  return docket;
}

function seal(docket, { key }) {
  const { order, seal: _, ...rest } = docket;
  docket.etag = createHash('sha1').update(JSON.stringify(rest.lines)).digest('base64url');
  docket.seal = createHmac('sha256', key).update(docket.text).digest('hex').slice(0, 16);
  return docket;
}

function publicPart(docket) {
  const { order, ...rest } = docket;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== ''));
}

const STAGES = [checkOrder, copyOrder, nameLines, priceLines, planTimes, sortLines, tidyNote, packBoxes, addLabels, printDocket, seal, publicPart];

const compose = (order, context) => STAGES.reduce((docket, stage) => stage(docket, context), { order });

module.exports = { compose };
