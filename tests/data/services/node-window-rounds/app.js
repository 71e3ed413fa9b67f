'use strict';
// Rounds of a window cleaning firm: who is due, and in which order the van drives to them.
const Koa = require('koa');
const { Router } = require('@koa/router');

const DEPOT = { id: 'depot', x: 50, y: 50 };
const FREQUENCIES = [4, 6, 8, 13];
const DISTRICTS = ['north', 'harbour', 'old-town', 'heath', 'mills'];

function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const random = randomFrom(20240611);
const customers = Array.from({ length: 1250 }, (_, n) => ({
  id: `w${n + 1}`,
  name: `Household ${n + 1}`,
  district: DISTRICTS[n % DISTRICTS.length],
  x: Math.round((random() * 40 + (n % DISTRICTS.length) * 15) * 100) / 100,
  y: Math.round(random() * 10000) / 100,
  panes: 4 + Math.floor(random() * 22),
  everyWeeks: FREQUENCIES[Math.floor(random() * FREQUENCIES.length)],
  offset: Math.floor(random() * 13),
}));

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

function dueIn(district, week) {
  return customers.filter((c) => c.district === district && (week + c.offset) % c.everyWeeks < 4);
}

function nearestFirst(stops) {
  const open = new Set(stops);
  const tour = [DEPOT];
  while (open.size > 0) {
    const here = tour[tour.length - 1];
    let best = null;
    for (const stop of open) {
      if (best === null || distance(here, stop) < distance(here, best)) best = stop;
    }
    open.delete(best);
    tour.push(best);
  }
  tour.push(DEPOT);
  return tour;
}

function lengthOf(tour) {
  let total = 0;
  for (let i = 1; i < tour.length; i += 1) total += distance(tour[i - 1], tour[i]);
  return total;
}

/** Turns parts of the tour around for as long as that makes it shorter. */
function untangle(tour) {
  let order = tour;
  let length = lengthOf(order);
  let improved = true;
  while (improved) {
    improved = false;
    for (let i = 1; i < order.length - 2 && !improved; i += 1) {
      for (let j = i + 1; j < order.length - 1; j += 1) {
        const before = distance(order[i - 1], order[i]) + distance(order[j], order[j + 1]);
        const after = distance(order[i - 1], order[j]) + distance(order[i], order[j + 1]);
        if (after < before - 1e-9) {
          order = [...order.slice(0, i), ...order.slice(i, j + 1).reverse(), ...order.slice(j + 1)];
          length += after - before;
          improved = true;
          break;
        }
      }
    }
  }
  return { order, length };
}

function timetable(order, startMinutes) {
  let clock = startMinutes;
  return order.slice(1, -1).map((stop, n) => {
    clock += distance(order[n], stop) * 0.9;
    const arrives = clock;
    clock += 3 + stop.panes * 1.4;
    return { customer: stop.id, name: stop.name, panes: stop.panes, arrives: asClock(arrives), leaves: asClock(clock) };
  });
}

function asClock(minutes) {
  const whole = Math.round(minutes);
  const day = Math.floor(whole / 1440);
  const text = `${String(Math.floor(whole / 60) % 24).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
  return day ? `${text}+${day}` : text;
}

function planRound(district, week) {
  const stops = dueIn(district, week);
  const { order, length } = untangle(nearestFirst(stops));
  return { district, week, stops: stops.length, kilometres: Math.round(length * 10) / 10, visits: timetable(order, 450) };
}

const router = new Router();

router.get('/rounds/:district/:week', (ctx) => {
  if (!DISTRICTS.includes(ctx.params.district)) ctx.throw(404, 'no such district');
  ctx.body = planRound(ctx.params.district, Number(ctx.params.week));
});

router.get('/customers/:id', (ctx) => {
  ctx.body = customers.find((c) => c.id === ctx.params.id) ?? ctx.throw(404, 'no such customer');
});

router.get('/districts/:district/panes', (ctx) => {
  const here = customers.filter((c) => c.district === ctx.params.district);
  ctx.body = { district: ctx.params.district, customers: here.length, panes: here.reduce((sum, c) => sum + c.panes, 0) };
});

router.get('/health', (ctx) => {
  ctx.body = { ok: true };
});

const app = new Koa();
app.use(async (ctx, next) => {
  const begun = process.hrtime.bigint();
  await next();
  ctx.set('x-took-ms', String((process.hrtime.bigint() - begun) / 1000000n));
});
app.use(router.routes());
app.listen(Number(process.env.PORT), '127.0.0.1');
