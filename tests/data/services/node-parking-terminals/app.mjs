// Exits of parking garages: what is due for a ticket, paying it, opening the gate.
import Koa from 'koa';
import { Router } from '@koa/router';
import bodyParser from 'koa-bodyparser';
import { PaymentHost } from './gate-host.mjs';

const GARAGES = new Map([
  ['harbour', { name: 'Harbour', spaces: 420, hourly: 280, dayMax: 2400, free: 10 }],
  ['station', { name: 'Station', spaces: 780, hourly: 350, dayMax: 2900, free: 15 }],
  ['opera', { name: 'Opera', spaces: 210, hourly: 420, dayMax: 3600, free: 5 }],
]);
const METHODS = new Set(['card', 'phone', 'badge']);
const LOST_TICKET = 3000;

const host = new PaymentHost(Number(process.env.UPSTREAM_PORT));
const gates = new Map([...GARAGES.keys()].map((id) => [id, { opened: 0, last: null }]));
const receipts = [];

function garageOf(ctx) {
  const garage = GARAGES.get(ctx.params.garage);
  ctx.assert(garage, 404, 'no such garage');
  return garage;
}

function minutesParked(ticket) {
  const digits = /^T-(\d{5})$/.exec(ticket ?? '')?.[1];
  return digits ? 20 + (Number(digits) * 37) % 2100 : null;
}

function due(garage, ticket) {
  const minutes = minutesParked(ticket);
  if (minutes === null) return { minutes, cents: LOST_TICKET };
  if (minutes <= garage.free) return { minutes, cents: 0 };
  const days = Math.floor(minutes / 1440);
  const rest = Math.min(garage.dayMax, Math.ceil((minutes % 1440) / 30) * (garage.hourly / 2));
  return { minutes, cents: days * garage.dayMax + rest };
}

function openGate(id, ticket) {
  const gate = gates.get(id);
  gate.opened += 1;
  gate.last = ticket;
  return gate.opened;
}

function receiptFor(garage, ticket, { minutes, cents }, code) {
  const net = Math.round(cents / 1.2);
  const receipt = {
    garage: garage.name,
    ticket,
    parked: minutes === null ? 'lost ticket' : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`,
    total: (cents / 100).toFixed(2),
    vat: ((cents - net) / 100).toFixed(2),
    code,
  };
  receipts.push(receipt);
  if (receipts.length > 100) receipts.shift();
  return receipt;
}

const router = new Router();

router.post('/garages/:garage/exits', async (ctx) => {
  const garage = garageOf(ctx);
  const { ticket, method } = ctx.request.body ?? {};
  ctx.assert(METHODS.has(method), 422, 'method');
  const amount = due(garage, ticket);
  let code = null;
  if (amount.cents > 0) {
    const payment = await host.pay(ticket ?? 'lost', amount.cents, method);
    ctx.assert(payment.settled, 502, 'not settled');
    ({ code } = payment);
  }
  ctx.status = 201;
  ctx.body = { receipt: receiptFor(garage, ticket, amount, code), exit: openGate(ctx.params.garage, ticket) };
});

router.get('/garages/:garage/tickets/:ticket', (ctx) => {
  const { minutes, cents } = due(garageOf(ctx), ctx.params.ticket);
  ctx.body = { ticket: ctx.params.ticket, minutes, due: (cents / 100).toFixed(2) };
});

router.get('/garages', (ctx) => {
  ctx.body = [...GARAGES].map(([id, g]) => ({ id, name: g.name, spaces: g.spaces, exits: gates.get(id).opened }));
});

router.get('/receipts', (ctx) => {
  ctx.body = receipts.slice(-20);
});

router.get('/healthz', (ctx) => {
  ctx.body = { ok: true };
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 502;
    ctx.body = { error: error.message };
  }
});
app.use(bodyParser()).use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
