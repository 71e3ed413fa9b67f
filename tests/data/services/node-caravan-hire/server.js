'use strict';
// Caravan hire: offers for a van over any number of nights, with the extras that fit.
const polka = require('polka');
const { currentRates, shutDown } = require('./rates');

const REGIONS = ['coast', 'lakes', 'heath'];
const EXTRAS = [
  { code: 'awning', each: 6.5, from: 3 }, { code: 'bikes', each: 9, from: 1 }, { code: 'stove', each: 2.2, from: 1 },
  { code: 'heater', each: 4.8, from: 2 }, { code: 'chairs', each: 1.5, from: 1 },
];
const HANDOVER = { mon: ['09:00', '15:00'], tue: ['09:00'], wed: ['09:00', '15:00'], thu: ['09:00'], fri: ['14:00'], sat: ['10:00'], sun: [] };
const WEEKDAYS = Object.keys(HANDOVER);
const DAY = 86_400_000;

const vans = new Map(Array.from({ length: 60 }, (_, n) => [`v-${n}`, {
  id: `v-${n}`, name: ['Snail', 'Swallow', 'Otter', 'Wren'][n % 4] + ` ${n}`, beds: 2 + (n % 4), region: REGIONS[n % 3], rate: 48 + (n % 9) * 6,
}]));

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function vanOr404(id) {
  const van = vans.get(id);
  if (!van) throw new Refusal(404, `no van ${id}`);
  return van;
}

function parseStay(query) {
  const from = Date.parse(query.from);
  const nights = Number(query.nights ?? 7);
  if (Number.isNaN(from)) throw new Refusal(400, 'from');
  if (!Number.isInteger(nights) || nights < 1 || nights > 366) throw new Refusal(422, 'nights');
  return { from, nights };
}

// One entry per night, with what can be had on it.
function calendarOf(van, { from, nights }) {
  return Array.from({ length: nights }, (_, n) => {
    const date = new Date(from + n * DAY);
    const weekday = WEEKDAYS[(date.getUTCDay() + 6) % 7];
    const weekend = weekday === 'fri' || weekday === 'sat';
    return {
      key: date.toISOString().slice(0, 10),
      weekday,
      houseRate: van.rate * (weekend ? 1.2 : 1),
      rate: null,
      handover: HANDOVER[weekday].map((time) => ({ time, desk: `${van.region}-${time.slice(0, 2)}`, label: `${date.toISOString().slice(0, 10)} ${time}` })),
      extras: EXTRAS.filter((extra) => nights - n >= extra.from).map((extra) => ({
        code: extra.code, price: Math.round(extra.each * (weekend ? 1.1 : 1) * 100) / 100, label: `${extra.code} for ${van.name} on ${weekday}`,
      })),
    };
  });
}

function discount(nights) {
  if (nights >= 90) return 0.65;
  if (nights >= 28) return 0.75;
  return nights >= 7 ? 0.9 : 1;
}

function offerOf(van, calendar) {
  const stay = calendar.reduce((sum, day) => sum + day.rate, 0) * discount(calendar.length);
  const extras = {};
  for (const day of calendar) {
    for (const { code, price } of day.extras) extras[code] = Math.round(((extras[code] ?? 0) + price) * 100) / 100;
  }
  const dearest = calendar.reduce((a, b) => (b.rate > a.rate ? b : a));
  return {
    van: van.id, name: van.name, nights: calendar.length, stay: Math.round(stay * 100) / 100, deposit: Math.round(stay * 0.2), extras,
    dearest: { night: dearest.key, rate: dearest.rate },
    collect: calendar.find((day) => day.handover.length)?.handover ?? [],
  };
}

const send = (res, status, content) => {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(content));
};

const handled = (handler) => async (req, res) => {
  try {
    send(res, 200, await handler(req));
  } catch (error) {
    send(res, error.status ?? 502, { error: error.message });
  }
};

const app = polka()
  .get('/vans', handled(({ query }) => [...vans.values()].filter((van) => !query.region || van.region === query.region)))
  .get('/vans/:id', handled(({ params }) => vanOr404(params.id)))
  .get('/vans/:id/offer', handled(async ({ params, query }) => {
    const van = vanOr404(params.id);
    return offerOf(van, await currentRates(calendarOf(van, parseStay(query)), van.region));
  }))
  .get('/health', (req, res) => send(res, 200, { status: 'ok' }))
  .listen(Number(process.env.PORT), '127.0.0.1');

process.once('SIGTERM', () => {
  shutDown();
  app.server.close(() => process.exit(0));
  setTimeout(() => process.exit(0), 1500).unref();
});
