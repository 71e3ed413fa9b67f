// Reports for people who buy a used car.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { checkNames, findings, guidePrice } from './checks.mjs';

const PLATE = /^[A-Z]{2}\d{2}[A-Z]{3}$/;
const RANK = { stop: 0, warn: 1, unknown: 2, info: 3 };
const KEPT = 500;
const reports = new Map();
let number = 1000;

function parseCar(body) {
  const plate = String(body?.plate ?? '').toUpperCase().replace(/[\s-]/g, '');
  const mileage = Number(body?.mileage ?? 0);
  if (!PLATE.test(plate) || !Number.isFinite(mileage) || mileage < 0) throw new HTTPException(422, { message: 'plate or mileage' });
  return { plate, mileage };
}

function verdict(found) {
  if (found.some((f) => f.severity === 'stop')) return 'do not buy';
  return found.some((f) => f.severity === 'warn' || f.severity === 'unknown') ? 'ask' : 'fine';
}

function offer({ low, high }, { mileage }, found) {
  const wear = Math.min(0.35, mileage / 400_000);
  const worry = found.filter((f) => f.severity === 'warn').length * 150;
  return Math.max(0, Math.round((low + (high - low) * (1 - wear) - worry) / 10) * 10);
}

function keep(report) {
  reports.set(report.number, report);
  if (reports.size > KEPT) reports.delete(reports.keys().next().value);
  return report;
}

async function makeReport(car) {
  const found = [];
  for await (const one of findings(car)) found.push(one);
  found.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  const price = await guidePrice(car.plate);
  number += 1;
  return keep({ number, car, verdict: verdict(found), offer: offer(price, car, found), findings: found });
}

const app = new Hono();

app.use(async (c, next) => {
  const begun = performance.now();
  await next();
  c.header('server-timing', `app;dur=${(performance.now() - begun).toFixed(1)}`);
});

app.get('/healthz', (c) => c.json({ ok: true }));

app.get('/checks', (c) => c.json(checkNames));

app.post('/reports', async (c) => {
  const car = parseCar(await c.req.json().catch(() => null));
  return c.json(await makeReport(car), 201);
});

app.get('/reports/:number{[0-9]+}', (c) => {
  const report = reports.get(Number(c.req.param('number')));
  return report ? c.json(report) : c.json({ error: 'no such report' }, 404);
});

app.get('/cars/:plate/price', async (c) => {
  const { plate } = parseCar({ plate: c.req.param('plate') });
  return c.json(await guidePrice(plate));
});

app.onError((error, c) => {
  if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
  console.error(error);
  return c.json({ error: 'internal' }, 500);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
