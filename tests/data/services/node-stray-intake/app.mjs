// Animal shelter: strays as they are brought in, with what their chip says and which kennel suits them.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { ChipRegister } from './register.mjs';

const register = new ChipRegister('127.0.0.1', Number(process.env.UPSTREAM_PORT));
const WARDS = [
  { name: 'quiet', kinds: ['cat'], places: 30 },
  { name: 'yard', kinds: ['dog'], places: 24 },
  { name: 'hutch', kinds: ['rabbit', 'ferret'], places: 18 },
];
const strays = new Map();

for (let n = 1; n <= 300; n++) {
  const kind = ['cat', 'dog', 'rabbit', 'ferret'][n % 4];
  strays.set(n, {
    number: n,
    kind,
    chip: n % 5 === 0 ? null : `2760${String(98100000000 + n * 7919).slice(-11)}`,
    foundAt: { x: (n * 37) % 400, y: (n * 53) % 300 },
    weight: kind === 'dog' ? 6 + (n % 30) : 2 + (n % 4),
    notes: n % 3 ? ['shy'] : ['limps', 'thin'],
  });
}

function wardFor(stray) {
  const ward = WARDS.find((w) => w.kinds.includes(stray.kind));
  const inside = [...strays.values()].filter((s) => ward.kinds.includes(s.kind) && s.notes.length > 1).length;
  return { ward: ward.name, isolation: stray.notes.includes('limps'), crowded: inside > ward.places };
}

function feed({ kind, weight }) {
  const perKilo = { cat: 18, dog: 14, rabbit: 30, ferret: 40 }[kind];
  return { gramsADay: Math.round(perKilo * weight), meals: kind === 'dog' ? 2 : 3 };
}

function nearby(stray, metres = 45) {
  const { x, y } = stray.foundAt;
  return [...strays.values()]
    .filter((s) => s !== stray && s.kind === stray.kind && Math.hypot(s.foundAt.x - x, s.foundAt.y - y) < metres)
    .map((s) => s.number);
}

const app = new Hono();

app.onError((error, c) => {
  if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
  return c.json({ error: 'not now' }, 503);
});

const ward = new Hono();

ward.use('/:number/*', async (c, next) => {
  const stray = strays.get(Number(c.req.param('number')));
  if (!stray) throw new HTTPException(404, { message: 'no such stray' });
  c.set('stray', stray);
  await next();
});

ward.use('/:number/card', async (c, next) => {
  const { chip } = c.get('stray');
  c.set('keeper', chip ? await register.keeperOf(chip) : null);
  await next();
  c.header('cache-control', 'private, max-age=20');
});

ward.get('/:number/card', (c) => {
  const stray = c.get('stray');
  const keeper = c.get('keeper');
  return c.json({
    number: stray.number,
    kind: stray.kind,
    keeper: keeper ?? 'unknown',
    call: keeper?.phone ?? null,
    ...wardFor(stray),
    feed: feed(stray),
    similar: nearby(stray),
  });
});

ward.get('/:number/feed', (c) => c.json(feed(c.get('stray'))));

app.get('/heartbeat', (c) => c.text('beat'));
app.get('/wards', (c) => c.json(WARDS));
app.route('/strays', ward);

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
