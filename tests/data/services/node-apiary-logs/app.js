'use strict';
// Hive visits of a beekeepers' club.
const Koa = require('koa');
const Router = require('@koa/router');
const AsyncLock = require('async-lock');

const api = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const guard = new AsyncLock();
const visits = [];

const weather = (yard) => fetch(`${api}/weather/${yard}`).then((r) => r.json());

function record(yard, hive, note) {
  return guard.acquire('visits', async () => {
    const { degrees } = await weather(yard);
    visits.push({ yard, hive, note, degrees });
    if (visits.length > 200) visits.splice(0, 100);
    return visits.length;
  });
}

const router = new Router();
router.get('/healthz', (ctx) => { ctx.body = 'ok'; });
router.get('/yards/:yard/hives/:hive/visit', async (ctx) => {
  const number = await record(ctx.params.yard, ctx.params.hive, 'calm');
  ctx.body = { number };
});

const app = new Koa();
app.use(async (ctx, next) => {
  await next();
  ctx.set('x-club', 'apiary');
});
app.use(router.routes());
app.listen(Number(process.env.PORT), '127.0.0.1');
