'use strict';
// Mushroom walks: where to go this month, by what others found and by how wet the ground is.
const { createHash } = require('node:crypto');
const Fastify = require('fastify');
const { LRUCache } = require('lru-cache');
const { Pool } = require('pg');
const { AskLedger } = require('./ledger');

const FORECAST = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const KINDS = new Set(['edible', 'bitter', 'poisonous']);

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 6 });
const ledger = new AskLedger('asked.txt');
const forecasts = new LRUCache({ max: 50, ttl: 1500, fetchMethod: async (region) => {
  const response = await fetch(`${FORECAST}/moisture/${region}`);
  if (!response.ok) throw new Error(`forecast: ${response.status}`);
  return response.json();
} });

/** Names to sort keys, umlauts and numbers included; made once because it is long. */
function buildSortKeys() {
  const keys = new Map();
  const collator = new Intl.Collator('de', { numeric: true });
  const names = Array.from({ length: 90 }, (_, n) => `species ${n}`);
  for (let round = 0; round < 250; round++) names.sort((a, b) => (round % 2 ? collator.compare(a, b) : collator.compare(b, a)));
  names.sort(collator.compare).forEach((name, n) => keys.set(name, n));
  return keys;
}

const sortKeys = buildSortKeys();

async function findsOf(region, month, kind) {
  const { rows } = await pool.query({
    name: 'finds-of-region',
    text: `SELECT w.id, w.name, w.km::float8 AS km, w.climb, w.lat, w.lon, f.species, sum(f.grams)::int AS grams, count(*)::int AS n
             FROM walks w JOIN finds f ON f.walk = w.id
            WHERE w.region = $1 AND f.month = $2 AND f.kind = $3
            GROUP BY w.id, f.species`,
    values: [region, month, kind],
  });
  return rows;
}

function groupWalks(rows) {
  const walks = new Map();
  for (const { species, grams, n, ...walk } of rows) {
    if (!walks.has(walk.id)) walks.set(walk.id, { ...walk, grams: 0, species: [] });
    const known = walks.get(walk.id);
    known.grams += grams;
    known.species.push({ species, grams, finds: n });
  }
  for (const walk of walks.values()) walk.species.sort((a, b) => sortKeys.get(a.species) - sortKeys.get(b.species));
  return [...walks.values()];
}

function profile(walk) {
  return Array.from({ length: 40 }, (_, n) => Math.round(600 + walk.climb * Math.sin((n / 39) * Math.PI) + 18 * Math.cos(n * walk.lat)));
}

function rank(walks, forecast) {
  const wet = forecast.moisture.reduce((a, b) => a + b, 0) / forecast.moisture.length;
  return walks
    .map((walk) => ({ ...walk, score: Number(((walk.grams / walk.km) * wet * (forecast.nights > 6 ? 1 : 0.8) - walk.climb / 40).toFixed(1)), profile: profile(walk) }))
    .sort((a, b) => b.score - a.score);
}

const app = Fastify({ logger: { level: 'warn' } });

app.get('/regions/:region/walks', async (request, reply) => {
  const region = Number(request.params.region);
  const month = Number(request.query.month ?? 10);
  const kind = KINDS.has(request.query.kind) ? request.query.kind : 'edible';
  const [rows, forecast, asked] = await Promise.all([
    findsOf(region, month, kind), forecasts.fetch(region), ledger.note(`${region}/${month}/${kind}`),
  ]);
  if (rows.length === 0) return reply.code(404).send({ error: 'nothing was found there' });
  const text = JSON.stringify({ region, month, kind, asked, moisture: forecast.moisture, walks: rank(groupWalks(rows), forecast) });
  reply.header('etag', `"${createHash('sha1').update(text).digest('base64url')}"`);
  return reply.type('application/json').send(text);
});

app.get('/walks/:id', async (request, reply) => {
  const { rows } = await pool.query('SELECT * FROM walks WHERE id = $1', [Number(request.params.id)]);
  return rows[0] ?? reply.code(404).send({ error: 'no such walk' });
});

app.get('/livez', async () => ({ ok: true }));

app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
