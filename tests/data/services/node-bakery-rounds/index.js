'use strict';
// Delivery rounds of a bakery: which shop gets what in the morning, as dockets for the drivers.
const { createHash } = require('node:crypto');
const express = require('express');
const compression = require('compression');
const { compose } = require('./dockets');

const FLOURS = ['wheat', 'rye', 'spelt', 'rice'];
const BREADS = ['country loaf', 'seeded roll', 'rye square', 'butter plait', 'poppy knot', 'onion stick', 'malt bun', 'walnut loaf'];
const products = new Map(Array.from({ length: 48 }, (_, n) => {
  const sku = `B${100 + n}`;
  return [sku, { sku, name: `${BREADS[n % 8]} no ${1 + (n >> 3)}`, grams: 60 + (n % 9) * 85, price: 55 + (n % 13) * 40, flours: [FLOURS[n % 4], FLOURS[(n >> 2) % 4]] }];
}));

function makeOrder(number, round) {
  const lines = Array.from({ length: 5 + (number % 6) }, (_, n) => ({ sku: `B${100 + ((number * 5 + n * 7) % 48)}`, pieces: 6 + ((number * 11 + n * 17) % 70), cut: (number + n) % 4 === 0 }));
  return {
    number,
    shop: { name: `Shop ${round} ${number % 97}`, street: `${['Mill', 'Lower', 'Station', 'Church'][number % 4]} Street ${1 + (number % 80)}` },
    placed: `2026-11-26T${String(6 + (number % 12)).padStart(2, '0')}:15:00Z`,
    note: number % 3 ? '' : '  ring  at the back door pls!! ',
    lines,
  };
}

const rounds = new Map(['north', 'south', 'quarter'].map((name, r) => [name, Array.from({ length: 130 - r * 30 }, (_, n) => makeOrder(1000 * (r + 1) + n, name))]));

const app = express();
app.set('etag', 'weak');
app.use(compression({ threshold: 1024, level: 1 }));
app.use((req, res, next) => {
  req.id = createHash('md5').update(`${process.hrtime.bigint()}`).digest('hex').slice(0, 12);
  res.set('X-Request-Id', req.id);
  next();
});
app.param('round', (req, res, next, name) => {
  req.orders = rounds.get(name);
  if (req.orders) next();
  else res.status(404).json({ error: 'no such round' });
});

const dayOf = (req) => (/^\d{4}-\d\d-\d\d$/.test(req.query.day ?? '') ? req.query.day : '2026-11-27');

app.get('/health', (req, res) => res.json({ ok: true }));

app.get('/rounds/:round/dockets', (req, res) => {
  const context = { products, day: dayOf(req), key: 'oven-4' };
  res.json(req.orders.map((order) => compose(order, context)));
});

app.get('/rounds/:round/baking', (req, res) => {
  const pieces = {};
  for (const order of req.orders) for (const line of order.lines) pieces[line.sku] = (pieces[line.sku] ?? 0) + line.pieces;
  res.json(pieces);
});

app.get('/rounds/:round/orders/:number', (req, res) => {
  const order = req.orders.find((o) => o.number === Number(req.params.number));
  if (!order) return res.status(404).json({ error: 'no such order' });
  return res.json(compose(order, { products, day: dayOf(req), key: 'oven-4' }));
});

app.listen(Number(process.env.PORT), '127.0.0.1');
