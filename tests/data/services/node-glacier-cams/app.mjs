// Cameras at glaciers: what they saw, and how fast the ice goes.
import Koa from 'koa';
import { Router } from '@koa/router';
import { meltOf } from './melt.mjs';

const GLACIERS = ['Aletsch', 'Gorner', 'Morteratsch', 'Rhone', 'Trient'];
const COLUMNS = 24;
const ROWS = 16;
const DAYS = 120;

// The season's frames, cell by cell, stay in memory: every view reads them.
function recordedFrames(camera, seed) {
  let state = seed * 9301 + 49297;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return Array.from({ length: DAYS }, (_, day) => Array.from({ length: COLUMNS * ROWS }, (_, cell) => ({
    key: `${camera}/${day}/${cell}`, day, cell,
    position: { row: Math.floor(cell / COLUMNS), column: cell % COLUMNS },
    brightness: (230 - day / 2 - (cell % COLUMNS) * 2 + next() * 40) / 255,
  })));
}

const cameras = new Map(GLACIERS.flatMap((glacier, g) => [0, 1].map((n) => {
  const id = `c${g * 2 + n}`;
  return [id, { id, glacier, tilt: 0.002 + n * 0.001, frames: recordedFrames(id, g * 2 + n + 1) }];
})));

const within = (ctx, name, fallback, low, high) => {
  const value = ctx.query[name] === undefined ? fallback : Number(ctx.query[name]);
  if (!Number.isInteger(value) || value < low || value > high) ctx.throw(422, `${name} is from ${low} to ${high}`);
  return value;
};

const router = new Router();

router.param('camera', (id, ctx, next) => {
  ctx.camera = cameras.get(id) ?? ctx.throw(404, `no camera ${id}`);
  return next();
});

router.get('/cameras', (ctx) => {
  ctx.body = [...cameras.values()].map(({ id, glacier, tilt }) => ({ id, glacier, tilt }));
});

router.get('/cameras/:camera/frames/:day', (ctx) => {
  const frame = ctx.camera.frames[Number(ctx.params.day)] ?? ctx.throw(404, 'no such day');
  ctx.body = { day: Number(ctx.params.day), mean: frame.reduce((a, c) => a + c.brightness, 0) / frame.length, cells: frame };
});

router.get('/cameras/:camera/melt', async (ctx) => {
  const first = within(ctx, 'first', 0, 0, DAYS);
  const days = within(ctx, 'days', 14, 2, 60);
  ctx.body = await meltOf(ctx.camera, first, days, within(ctx, 'window', 5, 2, 20));
});

router.get('/ready', (ctx) => {
  ctx.body = { ready: true };
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'internal' };
  }
});
app.use(router.routes());
app.listen(Number(process.env.PORT), '127.0.0.1');
