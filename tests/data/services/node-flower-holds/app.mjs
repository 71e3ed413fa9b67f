// Cut flowers for florists: a cart puts stems on hold at the auction and quotes them.
import express from 'express';
import { HoldDesk } from './holds.mjs';

const AUCTION = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const SHOPS = new Map([
  ['rialto', { name: 'Rialto Fiori', discount: 0.04, cold: true }],
  ['tulipan', { name: 'Tulipán', discount: 0.02, cold: false }],
  ['blomma', { name: 'Blomma', discount: 0, cold: true }],
]);
const MIN_ORDER = 1500;

const holds = new HoldDesk(200);
let lastCart = 0;

class ShopError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function stockOf(stem) {
  const response = await fetch(`${AUCTION}/stems/${encodeURIComponent(stem)}`);
  if (!response.ok) throw new ShopError(502, `auction: ${response.status}`);
  return response.json();
}

async function setAside(cart, lines) {
  const response = await fetch(`${AUCTION}/reservations/${cart}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(lines.map(({ stem, count }) => ({ stem, count }))),
  });
  if (!response.ok) throw new ShopError(502, `auction: ${response.status}`);
  return (await response.json()).trolley;
}

function itemsOf(body) {
  const items = body?.items;
  if (!Array.isArray(items) || items.length === 0 || items.length > 12) throw new ShopError(422, 'items: 1 to 12');
  for (const { stem, count } of items) {
    if (typeof stem !== 'string' || !Number.isInteger(count) || count < 1) throw new ShopError(422, `bad item ${stem}`);
  }
  return items;
}

async function linesFor(items) {
  const stock = await Promise.all(items.map(({ stem }) => stockOf(stem)));
  return items.map(({ stem, count }, i) => {
    if (stock[i].bunches * 10 < count) throw new ShopError(409, `not enough ${stem}`);
    return { stem, count, cents: stock[i].cents };
  });
}

function totals(shop, quote) {
  const goods = quote.reduce((sum, line) => sum + line.total, 0);
  const discount = Math.round(goods * shop.discount);
  const cooling = shop.cold ? 350 + quote.length * 40 : 0;
  const small = goods < MIN_ORDER ? 500 : 0;
  return { goods, discount, cooling, small, due: goods - discount + cooling + small };
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '16kb' }));

app.post('/carts', async (req, res) => {
  const shop = SHOPS.get(req.body?.shop);
  if (!shop) throw new ShopError(404, 'no such shop');
  const lines = await linesFor(itemsOf(req.body));
  const id = `c-${(lastCart += 1)}`;
  const trolley = await setAside(id, lines);
  const hold = holds.open(id, lines);
  const quote = hold.quote();
  res.status(201).json({ cart: id, shop: shop.name, trolley, lines: quote, ...totals(shop, quote), until: new Date(hold.until).toISOString() });
});

app.get('/carts/:id', (req, res) => {
  const hold = holds.find(req.params.id);
  if (!hold) throw new ShopError(404, 'no such cart, or it has run out');
  res.json({ cart: hold.id, lines: hold.quote(), until: new Date(hold.until).toISOString() });
});

app.delete('/carts/:id', (req, res) => {
  res.sendStatus(holds.release(req.params.id) ? 204 : 404);
});

app.get('/shops', (_req, res) => {
  res.json([...SHOPS].map(([id, { name, discount }]) => ({ id, name, discount })));
});

app.get('/healthz', (_req, res) => {
  res.json({ status: 'ok', open: holds.count });
});

app.use((error, _req, res, _next) => {
  res.status(error.status ?? 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
