'use strict';
// Regatta office: results board with standings after discards, and the search over helms and clubs.
const { createHash } = require('node:crypto');
const polka = require('polka');
const { Pool } = require('pg');
const { LRUCache } = require('lru-cache');
const { standings } = require('./scoring');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 6 });
const regattas = new LRUCache({ max: 500, ttl: 60_000 });
const lastSeen = new Map();
const SEEN_LIMIT = 2000;
let trigrams = new Map();

class Mutex {
  #tail = Promise.resolve();

  run(job) {
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => {});
    return result;
  }
}

const counting = new Mutex();
const served = { total: 0, byClass: {} };

async function regattaOf(id) {
  const known = regattas.get(id);
  if (known) return known;
  const { rows } = await pool.query('SELECT id, name, starts_on FROM regattas WHERE id = $1', [id]);
  if (rows[0]) regattas.set(id, rows[0]);
  return rows[0];
}

async function finishesOf(regatta, boatClass) {
  const { rows } = await pool.query({
    name: 'finishes',
    text: `SELECT b.id AS boat, b.sail, b.helm, b.club, b.rating::float8 AS rating, f.race, f.elapsed_s, f.code
             FROM finishes f JOIN boats b ON b.id = f.boat_id
            WHERE f.regatta_id = $1 AND b.class = $2 ORDER BY f.boat_id, f.race`,
    values: [regatta, boatClass],
  });
  return rows;
}

async function penaltiesOf(regatta) {
  const { rows } = await pool.query({
    name: 'penalties',
    text: "SELECT boat_id, race, sum(penalty)::int AS points FROM protests WHERE regatta_id = $1 AND state = 'upheld' GROUP BY boat_id, race",
    values: [regatta],
  });
  return new Map(rows.map((row) => [`${row.boat_id}/${row.race}`, row.points]));
}

/** Words of three letters, so that a helm is found by any part of the name. */
async function buildSearch() {
  const { rows } = await pool.query('SELECT id, helm, club, sail FROM boats');
  const index = new Map();
  for (const boat of rows) {
    const text = `${boat.helm} ${boat.club} ${boat.sail}`.toLowerCase();
    for (let at = 0; at + 3 <= text.length; at++) {
      const gram = text.slice(at, at + 3);
      if (!index.has(gram)) index.set(gram, new Set());
      index.get(gram).add(boat.id);
    }
  }
  return index;
}

async function warmUp() {
  trigrams = await buildSearch();
  const { rows } = await pool.query('SELECT id FROM regattas ORDER BY starts_on DESC LIMIT 40');
  for (const { id } of rows) {
    await regattaOf(id);
    for (const boatClass of ['ILCA', '420']) standings(await finishesOf(id, boatClass), await penaltiesOf(id), 1);
  }
}

function seen(client) {
  lastSeen.delete(client);
  lastSeen.set(client, Date.now());
  if (lastSeen.size > SEEN_LIMIT) lastSeen.delete(lastSeen.keys().next().value);
}

function count(boatClass) {
  return counting.run(() => {
    served.total += 1;
    served.byClass[boatClass] = (served.byClass[boatClass] ?? 0) + 1;
  });
}

function reply(res, body, status = 200) {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    etag: `"${createHash('sha1').update(text).digest('base64url')}"`,
  });
  res.end(text);
}

const app = polka({
  onError: (error, req, res) => {
    console.error(error);
    reply(res, { error: 'internal error' }, 500);
  },
});

const guarded = (handler) => (req, res, next) => handler(req, res).catch(next);

app.use((req, res, next) => {
  seen(`${req.socket.remoteAddress}:${req.socket.remotePort}`);
  next();
});

app.get('/healthz', (req, res) => reply(res, { ok: true, served: served.total }));

app.get('/regattas/:id/standings', guarded(async (req, res) => {
  const regatta = await regattaOf(Number(req.params.id));
  if (!regatta) return reply(res, { error: 'no such regatta' }, 404);
  const boatClass = req.query.class ?? 'ILCA';
  const [finishes, penalties] = await Promise.all([finishesOf(regatta.id, boatClass), penaltiesOf(regatta.id)]);
  await count(boatClass);
  reply(res, { regatta: regatta.name, class: boatClass, boats: standings(finishes, penalties, Number(req.query.discard ?? 1)) });
}));

app.get('/search', guarded(async (req, res) => {
  const found = trigrams.get(String(req.query.q ?? '').toLowerCase().slice(0, 3)) ?? new Set();
  const { rows } = await pool.query('SELECT id, sail, helm, club FROM boats WHERE id = ANY($1) ORDER BY helm LIMIT 50', [[...found]]);
  reply(res, rows);
}));

warmUp().then(() => app.listen(Number(process.env.PORT), '127.0.0.1'));
