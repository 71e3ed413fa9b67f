// Quotes of a glazier: panes are priced by area, edge and kind of glass.
import { Hono } from 'hono';
import { serve } from '@hono/node-server';
import { nanoid } from 'nanoid';
import { paneSeconds, quotesTotal, registry } from './metrics.mjs';

const GLASS = {
  float: { perM2: 38, weight: 10, minimum: 12 },
  'low-e': { perM2: 64, weight: 20, minimum: 22 },
  frosted: { perM2: 71, weight: 10, minimum: 19 },
  laminated: { perM2: 96, weight: 26, minimum: 30 },
};
const EDGE_PER_M = 3.4;
const HEAVY_KG = 45;
const VAT = 0.21;

const recent = [];
const KEPT_QUOTES = 50;

const cents = (amount) => Math.round(amount * 100) / 100;

function pricePane(pane, number, quote) {
  const done = paneSeconds.startTimer({ quote, pane: number, glass: pane.glass });
  const glass = GLASS[pane.glass];
  const area = (pane.width / 1000) * (pane.height / 1000);
  const edge = (2 * (pane.width + pane.height)) / 1000;
  const weight = area * glass.weight;
  const handling = weight > HEAVY_KG ? 35 : 0;
  const each = Math.max(glass.minimum, area * glass.perM2) + edge * EDGE_PER_M + handling;
  const priced = { ...pane, weight: cents(weight), each: cents(each), total: cents(each * pane.count) };
  done();
  return priced;
}

function problems({ customer, panes }) {
  if (!customer) return 'customer is wanted';
  if (!Array.isArray(panes) || panes.length === 0) return 'no panes';
  const odd = panes.find((pane) => !GLASS[pane.glass] || !(pane.width > 0) || !(pane.height > 0) || !(pane.count > 0));
  return odd ? `pane ${panes.indexOf(odd) + 1} cannot be made` : null;
}

function makeQuote({ customer, panes }) {
  const id = `q-${nanoid(12)}`;
  const lines = panes.map((pane, n) => pricePane(pane, n + 1, id));
  const net = cents(lines.reduce((sum, line) => sum + line.total, 0));
  const quote = { id, customer, lines, net, vat: cents(net * VAT), total: cents(net * (1 + VAT)), at: new Date().toISOString() };
  recent.unshift(quote);
  recent.length = Math.min(recent.length, KEPT_QUOTES);
  return quote;
}

const app = new Hono();

app.get('/healthz', (c) => c.text('ok'));

app.get('/metrics', async (c) => c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }));

app.get('/quotes', (c) => c.json(recent.map(({ id, customer, total, at }) => ({ id, customer, total, at }))));

app.post('/quotes', async (c) => {
  const wanted = await c.req.json();
  const problem = problems(wanted);
  if (problem) {
    quotesTotal.inc({ outcome: 'refused' });
    return c.json({ error: problem }, 422);
  }
  const quote = makeQuote(wanted);
  quotesTotal.inc({ outcome: 'given' });
  return c.json(quote, 201);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
