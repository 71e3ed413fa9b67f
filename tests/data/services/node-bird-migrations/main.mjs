// Where ringed birds were: searches tracks by species, days and a box on the map.
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import { LRUCache } from 'lru-cache';
import { speciesNames, Tracks } from './tracks.mjs';

const WEATHER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

class Turnstile {
  #tail = Promise.resolve();

  enter(work) {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => {});
    return turn;
  }
}

const tracks = new Tracks({ birds: 2400, days: 365, seed: 77 });
const winds = new LRUCache({ max: 300, ttl: 4_000 });
const ledgerTurn = new Turnstile();
const ledger = new Map();

async function windOver([west, south]) {
  const square = `${Math.floor(west / 5)}_${Math.floor(south / 5)}`;
  const kept = winds.get(square);
  if (kept) return kept;
  const response = await fetch(`${WEATHER}/winds/${square}`);
  const wind = response.ok ? await response.json() : null;
  winds.set(square, wind);
  return wind;
}

function enterInLedger(species, count) {
  return ledgerTurn.enter(async () => {
    const entry = ledger.get(species) ?? { searches: 0, positions: 0 };
    entry.searches += 1;
    entry.positions += count;
    ledger.set(species, entry);
  });
}

function byBird(positions) {
  const groups = new Map();
  for (const { bird, day, lon, lat, km } of positions) {
    const group = groups.get(bird) ?? { ring: tracks.ring(bird), km: 0, positions: [] };
    group.km += km;
    group.positions.push([day, lon, lat]);
    groups.set(bird, group);
  }
  for (const group of groups.values()) group.positions.sort((a, b) => a[0] - b[0]);
  return [...groups.values()].sort((a, b) => b.km - a.km);
}

function summary(birds) {
  const all = birds.reduce((sum, bird) => sum + bird.positions.length, 0);
  return { birds: birds.length, positions: all, furthest: birds[0]?.ring ?? null, meanKm: Math.round(birds.reduce((s, b) => s + b.km, 0) / (birds.length || 1)) };
}

const app = Fastify({ bodyLimit: 16_384 });

app.post('/tracks/search', {
  schema: {
    body: {
      type: 'object',
      required: ['species', 'window', 'box'],
      properties: {
        species: { enum: speciesNames },
        window: {
          type: 'object',
          required: ['from', 'to'],
          properties: { from: { type: 'integer', minimum: 0 }, to: { type: 'integer', maximum: 364 } },
        },
        box: { type: 'array', items: { type: 'number' }, minItems: 4, maxItems: 4 },
      },
    },
  },
}, async (request, reply) => {
  const { species, window, box } = request.body;
  const birds = byBird(tracks.within(species, window, box));
  const found = summary(birds);
  const [wind] = await Promise.all([windOver(box), enterInLedger(species, found.positions)]);
  const text = JSON.stringify({ species, ...found, wind, tracks: birds });
  reply.header('etag', `"${createHash('sha1').update(text).digest('base64url')}"`);
  return reply.type('application/json').send(text);
});

app.get('/ledger', async () => Object.fromEntries(ledger));

app.get('/species', async () => speciesNames.map((name) => ({ name, birds: Math.floor(tracks.birds / speciesNames.length) })));

app.get('/ready', async () => ({ ready: true }));

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
