// The workshop board of a chain of garages: open jobs with their cars, customers and parts on order.
import Koa from 'koa';
import { Router } from '@koa/router';
import { Workshop } from './workshop.mjs';

const workshop = new Workshop(process.env.DATABASE_URL);
const RATES = { service: 78, body: 92, tyres: 61, electric: 104 };

const euros = (cents) => `${(cents / 100).toFixed(2)} EUR`;

function readiness(parts, now) {
  const open = parts.filter((part) => !part.arrived_on);
  if (open.length === 0) return { ready: true };
  const expected = open.map((part) => part.expected_on.getTime()).reduce((a, b) => Math.max(a, b));
  return { ready: false, waitingFor: open.length, until: new Date(expected).toISOString().slice(0, 10), late: expected < now };
}

function quote(job, parts) {
  const labour = Math.round(Number(job.hours) * RATES[job.kind] * 100);
  const material = parts.reduce((sum, part) => sum + part.price_cents * part.quantity, 0);
  return { labour: euros(labour), material: euros(material), total: euros(labour + material) };
}

async function card(job, loaders, now) {
  const car = await loaders.car.load(job.car_id);
  const parts = await loaders.parts.load(job.id);
  return {
    job: job.id,
    kind: job.kind,
    bay: job.bay,
    car: { plate: car.plate, model: car.model, mileage: car.mileage },
    customer: { name: car.customer, phone: car.phone },
    ...readiness(parts, now),
    quote: quote(job, parts),
  };
}

async function board(garage, loaders) {
  const now = Date.now();
  const bays = {};
  for (const job of await workshop.openJobs(garage)) {
    const entry = await card(job, loaders, now);
    (bays[entry.bay] ??= []).push(entry);
  }
  for (const entries of Object.values(bays)) entries.sort((a, b) => Number(b.ready) - Number(a.ready) || a.job - b.job);
  return bays;
}

const router = new Router();

router.get('/garages/:id/board', async (ctx) => {
  const bays = await board(Number(ctx.params.id), ctx.state.loaders);
  ctx.body = { garage: Number(ctx.params.id), open: Object.values(bays).flat().length, bays };
});

router.get('/jobs/:id', async (ctx) => {
  const job = await workshop.job(Number(ctx.params.id));
  if (!job) ctx.throw(404, 'no such job');
  ctx.body = await card(job, ctx.state.loaders, Date.now());
});

router.get('/cars/:plate/jobs', async (ctx) => {
  ctx.body = await workshop.jobsOfCar(ctx.params.plate);
});

router.get('/up', (ctx) => {
  ctx.body = { up: true };
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'internal' };
    if (ctx.status === 500) console.error(error);
  }
});
app.use((ctx, next) => {
  ctx.state.loaders = workshop.loaders();
  return next();
});
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
