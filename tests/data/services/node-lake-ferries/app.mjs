// Sailings of the lake ferries: what sails today from a landing, how full it is, what it costs.
import Hapi from '@hapi/hapi';
import Boom from '@hapi/boom';
import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
const SECRET = process.env.TICKET_SECRET ?? 'lake';
const landings = new LRUCache({ max: 64, ttl: 20_000 });
const searches = new Map();
let crossings = null;
let nearest = [];

const rows = async (text, values) => (await pool.query(text, values)).rows;

/** Minutes between all pairs of landings, for changes between lines (Floyd and Warshall). */
async function loadCrossings() {
  const legs = await rows('SELECT from_landing, to_landing, min(minutes) AS minutes FROM legs GROUP BY 1, 2');
  const size = 1 + legs.reduce((most, leg) => Math.max(most, leg.from_landing, leg.to_landing), 0);
  const minutes = Array.from({ length: size }, (_, i) => new Float64Array(size).fill(Infinity).fill(0, i, i + 1));
  for (const leg of legs) minutes[leg.from_landing][leg.to_landing] = leg.minutes;
  for (let via = 0; via < size; via++) {
    for (let i = 0; i < size; i++) {
      const first = minutes[i][via];
      if (first === Infinity) continue;
      for (let j = 0; j < size; j++) {
        if (first + minutes[via][j] < minutes[i][j]) minutes[i][j] = first + minutes[via][j];
      }
    }
  }
  return minutes;
}

async function landing(id) {
  let found = landings.get(id);
  if (!found) {
    [found] = await rows('SELECT id, name, shore, piers FROM landings WHERE id = $1', [id]);
    if (found) landings.set(id, found);
  }
  return found;
}

const sailingsFrom = (id, day) => rows(
  `SELECT s.id, s.departs_at, s.seats, s.boat, s.to_landing, t.name AS destination
   FROM sailings s JOIN landings t ON t.id = s.to_landing
   WHERE s.from_landing = $1 AND s.day = $2
   ORDER BY s.departs_at`,
  [id, day],
);

const seatsTaken = (ids) => rows(
  'SELECT sailing_id, sum(seats)::int AS taken FROM bookings WHERE sailing_id = ANY($1) GROUP BY sailing_id',
  [ids],
);

function occupancy(taken, seats) {
  const share = taken / seats;
  if (share >= 1) return 'full';
  return share > 0.85 ? 'few seats' : share > 0.5 ? 'half full' : 'plenty';
}

function fare(minutes, share) {
  const base = 4.5 + minutes * 0.16;
  const busy = 1 + 0.35 * share ** 2;
  return { adult: (base * busy).toFixed(2), child: (base * busy * 0.5).toFixed(2), bicycle: (3 + minutes * 0.02).toFixed(2) };
}

const bookingToken = (sailing) => createHmac('sha256', SECRET).update(`${sailing.id}:${sailing.departs_at}`).digest('base64url');

/** The landings that are soonest reached from each landing. */
function nearestOf(minutes, limit = 6) {
  return minutes.map((row, from) => [...row.entries()]
    .filter(([to, reach]) => to !== from && reach < Infinity)
    .sort(([, x], [, y]) => x - y)
    .slice(0, limit)
    .map(([to, reach]) => ({ to, minutes: reach })));
}

async function board(id, day) {
  const [place, sailings] = await Promise.all([landing(id), sailingsFrom(id, day)]);
  if (!place) throw Boom.notFound('unknown landing');
  const taken = new Map((await seatsTaken(sailings.map((s) => s.id))).map((row) => [row.sailing_id, row.taken]));
  return {
    landing: place,
    day,
    sailings: sailings.map((sailing) => {
      const sold = taken.get(sailing.id) ?? 0;
      const minutes = crossings[id][sailing.to_landing];
      return {
        id: sailing.id,
        departs: sailing.departs_at,
        minutes,
        boat: sailing.boat,
        destination: sailing.destination,
        occupancy: occupancy(sold, sailing.seats),
        free: Math.max(0, sailing.seats - sold),
        fare: fare(minutes, Math.min(1, sold / sailing.seats)),
        onwards: nearest[sailing.to_landing],
        book: bookingToken(sailing),
      };
    }),
  };
}

async function flushSearches() {
  if (searches.size === 0) return;
  const counted = [...searches];
  searches.clear();
  await pool.query(
    `INSERT INTO searches (landing_id, asked) SELECT * FROM unnest($1::int[], $2::int[])
     ON CONFLICT (landing_id) DO UPDATE SET asked = searches.asked + excluded.asked`,
    [counted.map(([id]) => id), counted.map(([, asked]) => asked)],
  );
}

const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });

server.ext('onRequest', (request, h) => {
  request.app.begun = process.hrtime.bigint();
  return h.continue;
});
server.ext('onPreResponse', (request, h) => {
  const took = Number(process.hrtime.bigint() - request.app.begun) / 1e6;
  if (!Boom.isBoom(request.response)) request.response.header('server-timing', `app;dur=${took.toFixed(1)}`);
  return h.continue;
});

server.route([
  { method: 'GET', path: '/health', handler: () => ({ ok: crossings !== null }) },
  {
    method: 'GET',
    path: '/landings/{id}/board',
    handler: (request) => {
      const id = Number(request.params.id);
      searches.set(id, (searches.get(id) ?? 0) + 1);
      return board(id, request.query.day ?? '2025-06-14');
    },
  },
  {
    method: 'GET',
    path: '/landings/{id}',
    handler: async (request) => (await landing(Number(request.params.id))) ?? Boom.notFound('unknown landing'),
  },
  {
    method: 'GET',
    path: '/route/{from}/{to}',
    handler: (request) => ({ minutes: crossings[Number(request.params.from)]?.[Number(request.params.to)] ?? null }),
  },
]);

crossings = await loadCrossings();
nearest = nearestOf(crossings);
setInterval(() => flushSearches().catch((error) => console.error('searches', error.message)), 1000).unref();
await server.start();
