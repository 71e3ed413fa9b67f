// Sketches of building plots for the municipal counter.
import { availableParallelism } from 'node:os';
import { createHash } from 'node:crypto';
import express from 'express';
import Piscina from 'piscina';

const LAYERS = ['parcels', 'relief', 'water', 'rights'];
const DISTRICTS = { 21: 'Harbour', 22: 'Old Town', 23: 'Meadows', 24: 'North Slope' };

const drawing = new Piscina({
  filename: new URL('./sketch.mjs', import.meta.url).href,
  minThreads: 1,
  maxThreads: Math.max(2, availableParallelism()),
  idleTimeout: 60_000,
});

const orders = new Map();
let lastOrder = 4100;

function wantedLayers(text) {
  const layers = (text ?? 'parcels').split(',').map((layer) => layer.trim());
  const unknown = layers.filter((layer) => !LAYERS.includes(layer));
  if (unknown.length) throw Object.assign(new Error(`unknown layer ${unknown[0]}`), { status: 400 });
  return [...new Set(layers)];
}

function plotNumber(request, response, next) {
  const found = /^(\d{2})-(\d{4})$/.exec(request.params.plot);
  if (!found || !DISTRICTS[found[1]]) return response.status(404).json({ error: 'no such plot' });
  response.locals.plot = found[0];
  response.locals.district = DISTRICTS[found[1]];
  next();
}

function fee(layers, copies) {
  const base = 12 + 4.5 * (layers.length - 1);
  return Math.round((base + Math.max(0, copies - 1) * 2) * 100) / 100;
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '20kb' }));

app.get('/health', (request, response) => response.json({ ok: true }));

app.get('/plots/:plot', plotNumber, (request, response) => {
  const { plot, district } = response.locals;
  response.json({ plot, district, layers: LAYERS, fees: Object.fromEntries(LAYERS.map((l, n) => [l, fee(LAYERS.slice(0, n + 1), 1)])) });
});

app.get('/plots/:plot/sketch', plotNumber, async (request, response) => {
  const layers = wantedLayers(request.query.layers);
  const tolerance = Math.min(20, Number(request.query.tolerance ?? 4) || 4);
  const svg = await drawing.run({ plot: response.locals.plot, layers, tolerance });
  response.set('etag', `"${createHash('sha1').update(svg).digest('base64url')}"`);
  response.type('image/svg+xml').send(svg);
});

app.post('/plots/:plot/orders', plotNumber, (request, response) => {
  const layers = wantedLayers(request.body?.layers?.join(','));
  const copies = Math.min(10, Number(request.body?.copies) || 1);
  const order = { number: ++lastOrder, plot: response.locals.plot, layers, copies, fee: fee(layers, copies), at: new Date() };
  orders.set(order.number, order);
  if (orders.size > 500) orders.delete(orders.keys().next().value);
  response.status(201).json(order);
});

app.get('/orders/:number', (request, response) => {
  const order = orders.get(Number(request.params.number));
  if (!order) return response.status(404).json({ error: 'no such order' });
  response.json(order);
});

app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  response.status(error.status ?? 502).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
