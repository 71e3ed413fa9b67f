// Walking trails: how far, how high, how long.
import Fastify from 'fastify';
import { Terrain, TILE, layOut } from './terrain.mjs';

const REGION = { columns: 12, rows: 12 };
const EXTENT = REGION.columns * TILE * 25;

const TRAILS = {
  ridgeway: { name: 'Ridgeway', legs: zigzag(0.02, 0.98, 8) },
  'two-lakes': { name: 'Two Lakes', legs: zigzag(0.4, 0.55, 3) },
  'mill-round': { name: 'Mill Round', legs: zigzag(0.1, 0.16, 5) },
};

function zigzag(from, to, turns) {
  return Array.from({ length: turns }, (_, n) => ({
    x: EXTENT * (n % 2 ? to : from),
    y: EXTENT * (from + ((to - from) * n) / (turns - 1)),
  }));
}

const distance = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);

function lengthOf(legs) {
  return legs.slice(1).reduce((sum, point, n) => sum + distance(legs[n], point), 0);
}

function* along(legs, samples) {
  const step = lengthOf(legs) / (samples - 1);
  let leg = 0;
  let gone = 0;
  for (let n = 0; n < samples; n += 1) {
    let rest = n * step - gone;
    while (leg < legs.length - 2 && rest > distance(legs[leg], legs[leg + 1])) {
      rest -= distance(legs[leg], legs[leg + 1]);
      gone += distance(legs[leg], legs[leg + 1]);
      leg += 1;
    }
    const share = rest / distance(legs[leg], legs[leg + 1]);
    yield {
      km: (n * step) / 1000,
      x: legs[leg].x + (legs[leg + 1].x - legs[leg].x) * share,
      y: legs[leg].y + (legs[leg + 1].y - legs[leg].y) * share,
    };
  }
}

async function profileOf(trail, terrain, samples) {
  const points = [];
  for (const { km, x, y } of along(trail.legs, samples)) {
    points.push({ km: Math.round(km * 100) / 100, metres: Math.round(await terrain.heightAt(x, y)) });
  }
  return points;
}

function summary(points) {
  let up = 0;
  let down = 0;
  for (let n = 1; n < points.length; n += 1) {
    const rise = points[n].metres - points[n - 1].metres;
    if (rise > 0) up += rise;
    else down -= rise;
  }
  const km = points.at(-1).km;
  return { km, up, down, hours: Math.round((km / 4.2 + up / 500) * 10) / 10, top: Math.max(...points.map((p) => p.metres)) };
}

const terrain = new Terrain('tiles', REGION);
const app = Fastify({ logger: false });

const trailParam = { type: 'object', properties: { trail: { enum: Object.keys(TRAILS) } } };
const profileQuery = { type: 'object', properties: { samples: { type: 'integer', minimum: 10, maximum: 2000, default: 200 } } };

app.get('/trails', async () => Object.entries(TRAILS).map(([id, t]) => ({ id, name: t.name, km: Math.round(lengthOf(t.legs) / 1000) })));

app.get('/trails/:trail/profile', { schema: { params: trailParam, querystring: profileQuery } }, async (request) => {
  const trail = TRAILS[request.params.trail];
  const points = await profileOf(trail, terrain, request.query.samples);
  return { trail: trail.name, ...summary(points), points };
});

app.get('/height', { schema: { querystring: { type: 'object', required: ['x', 'y'], properties: { x: { type: 'number' }, y: { type: 'number' } } } } },
  async (request) => ({ metres: await terrain.heightAt(request.query.x, request.query.y) }));

app.get('/health', async () => ({ ok: true }));

await layOut('tiles', REGION.columns, REGION.rows);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
