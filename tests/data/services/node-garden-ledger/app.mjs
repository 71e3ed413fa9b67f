// Allotment gardens: what became of a site over a year, month by month.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { makeLedger } from './ledger.mjs';

const sites = new Map([
  ['riverside', makeLedger('riverside', { plots: 170, seed: 41, perYear: 320 })],
  ['old-orchard', makeLedger('old-orchard', { plots: 24, seed: 7, perYear: 90 })],
  ['canal-bank', makeLedger('canal-bank', { plots: 60, seed: 19, perYear: 150 })],
]);

const monthOf = (day) => Math.min(12, 1 + Math.floor(day / 30.5));

const occupied = (state) => state.plots.filter((plot) => plot.holder !== null).length;

const litres = (state) => state.plots.reduce((total, plot) => total + plot.meter.litres, 0);

const balance = (state) => state.plots.reduce((total, plot) => total + plot.account.balance, 0);

function gradesOf(state) {
  const grades = {};
  for (const { grade } of state.plots) grades[grade] = (grades[grade] ?? 0) + 1;
  return grades;
}

/** Opening and closing state of each month, and the peak of plots in arrears within it. */
function months(snapshots) {
  const rows = new Map();
  for (const state of snapshots) {
    const month = monthOf(state.day);
    if (!rows.has(month)) rows.set(month, { opening: state, closing: state, events: 0 });
    const row = rows.get(month);
    row.closing = state;
    row.events += 1;
  }
  return [...rows].map(([month, { opening, closing, events }]) => ({
    month,
    events,
    occupied: occupied(closing),
    litres: litres(closing) - litres(opening),
    balance: balance(closing),
    grades: gradesOf(closing),
    arrears: closing.plots.filter((plot) => plot.account.balance < -40).map((plot) => plot.id),
  }));
}

function siteOf(c) {
  const ledger = sites.get(c.req.param('site'));
  if (!ledger) throw new HTTPException(404, { message: 'no such site' });
  return ledger;
}

function yearOf(c) {
  const year = Number(c.req.query('year') ?? 2024);
  if (!Number.isInteger(year)) throw new HTTPException(400, { message: 'year must be a number' });
  return year;
}

const app = new Hono();

app.get('/healthz', (c) => c.text('ok'));

app.get('/sites', (c) => c.json([...sites.keys()]));

app.get('/sites/:site/history', async (c) => {
  const snapshots = await siteOf(c).replay(yearOf(c));
  return c.json({ site: c.req.param('site'), months: months(snapshots) });
});

app.get('/sites/:site/plots/:plot', async (c) => {
  const snapshots = await siteOf(c).replay(yearOf(c));
  const plot = snapshots.at(-1).plots[Number(c.req.param('plot'))];
  if (!plot) throw new HTTPException(404, { message: 'no such plot' });
  return c.json(plot);
});

app.get('/sites/:site/events', (c) => {
  const wanted = siteOf(c).events.filter((event) => event.year === yearOf(c));
  return c.json(wanted.slice(-50));
});

app.onError((error, c) => {
  if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
  console.error(error);
  return c.json({ error: 'internal error' }, 500);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
