// Berths for visiting boats: what is free, what it costs and when one can get in.
import Boom from '@hapi/boom';
import Hapi from '@hapi/hapi';
import { pool, unitOfWork } from './db.mjs';

const HARBOUR_OFFICE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const SEASONS = [[6, 8, 1.35], [4, 10, 1.0], [0, 11, 0.7]];

function stay({ from, nights, length }) {
  const arrival = new Date(`${from}T12:00:00Z`);
  const asked = { arrival, nights: Number(nights ?? 1), length: Number(length ?? 8) };
  if (Number.isNaN(arrival.getTime()) || !(asked.nights > 0 && asked.nights <= 28) || !(asked.length > 2)) {
    throw Boom.badRequest('from, nights or length');
  }
  asked.departure = new Date(arrival.getTime() + asked.nights * 86_400_000);
  return asked;
}

const day = (date) => date.toISOString().slice(0, 10);

async function marinaById(db, id) {
  const { rows } = await db.query('SELECT id, name, has_sill, currency FROM marinas WHERE id = $1', [id]);
  if (!rows.length) throw Boom.notFound(`no marina ${id}`);
  return rows[0];
}

async function freeBerths(db, marina, asked) {
  const { rows } = await db.query(
    `SELECT b.id, b.pier, b.number, b.max_length, b.metre_price FROM berths b
      WHERE b.marina_id = $1 AND b.max_length >= $2
        AND NOT EXISTS (SELECT FROM stays s WHERE s.berth_id = b.id AND s.arrives < $4 AND s.leaves > $3)
      ORDER BY b.max_length, b.id LIMIT 8`,
    [marina.id, asked.length, day(asked.arrival), day(asked.departure)],
  );
  return rows;
}

async function gateTimes(marina, date) {
  if (!marina.has_sill) return [];
  const response = await fetch(`${HARBOUR_OFFICE}/gates/${marina.id}?on=${day(date)}`);
  if (!response.ok) throw Boom.badGateway('harbour office');
  return (await response.json()).gates;
}

function seasonFactor(date) {
  const month = date.getUTCMonth();
  return SEASONS.find(([first, last]) => month >= first && month <= last)[2];
}

function priced(berth, asked) {
  let total = 0;
  for (let n = 0; n < asked.nights; n += 1) {
    total += berth.metre_price * asked.length * seasonFactor(new Date(asked.arrival.getTime() + n * 86_400_000));
  }
  return { berth: `${berth.pier}${berth.number}`, maxLength: berth.max_length, total: Math.round(total * 100) / 100 };
}

async function remember(db, marina, asked, offers) {
  const { rows } = await db.query(
    'INSERT INTO enquiries (marina_id, arrives, nights, length, cheapest) VALUES ($1, $2, $3, $4, $5) RETURNING id',
    [marina.id, day(asked.arrival), asked.nights, asked.length, Math.min(...offers.map((o) => o.total), 1e6)],
  );
  return rows[0].id;
}

async function offersHandler(request) {
  const { db } = request.app;
  const asked = stay(request.query);
  const marina = await marinaById(db, Number(request.params.marina));
  const offers = (await freeBerths(db, marina, asked)).map((berth) => priced(berth, asked));
  const gates = await gateTimes(marina, asked.arrival);
  return { enquiry: await remember(db, marina, asked, offers), marina: marina.name, currency: marina.currency, gates, offers };
}

async function pierHandler(request) {
  const { rows } = await request.app.db.query(
    'SELECT number, max_length FROM berths WHERE marina_id = $1 AND pier = $2 ORDER BY number',
    [Number(request.params.marina), request.params.pier.toUpperCase()],
  );
  return rows;
}

async function marinasHandler() {
  return (await pool.query('SELECT id, name, currency FROM marinas ORDER BY name')).rows;
}

const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });
await server.register(unitOfWork);
const inTransaction = { plugins: { transaction: true } };
server.route([
  { method: 'GET', path: '/up', handler: () => 'up' },
  { method: 'GET', path: '/marinas', handler: marinasHandler },
  { method: 'GET', path: '/marinas/{marina}/piers/{pier}', handler: pierHandler, options: inTransaction },
  { method: 'GET', path: '/marinas/{marina}/offers', handler: offersHandler, options: inTransaction },
]);
server.events.on({ name: 'request', channels: 'error' }, (request, event) => console.error(request.path, event.error));
await server.start();
