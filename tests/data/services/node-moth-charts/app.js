'use strict';
// When moths fly, by species and region.
const Koa = require('koa');
const Router = require('@koa/router');

const MOST = 24;
const species = Array.from({ length: 36 }, (_, n) => ({ id: `m${n}`, peak: 120 + ((n * 41) % 160), width: 8 + (n % 13) }));

const curves = {};
const order = [];

function remember(key, value) {
  if (order.length >= MOST) delete curves[order.shift()];
  curves[key] = value;
  order.push(key);
  return value;
}

function flightTimes(region, { id, peak, width }) {
  const key = `${region}:${id}`;
  if (curves[key]) return curves[key];
  const days = [];
  const shift = region.length * 3;
  for (let day = 0; day < 365; day += 1) {
    let sum = 0;
    for (let hour = 0; hour < 24; hour += 0.25) {
      sum += Math.exp(-(((day - peak - shift + hour / 24) / width) ** 2)) * (1 + Math.cos((hour / 12) * Math.PI));
    }
    days.push(Math.round(sum * 100) / 100);
  }
  return remember(key, days);
}

const router = new Router();
router.get('/ping', (ctx) => { ctx.body = 'pong'; });
router.get('/regions/:region/chart', (ctx) => {
  ctx.body = species.map((each) => {
    const days = flightTimes(ctx.params.region, each);
    return { id: each.id, top: days.indexOf(Math.max(...days)), nights: days.filter((n) => n > 1).length };
  });
});

const app = new Koa();
app.use(router.routes());
app.listen(process.env.PORT, '127.0.0.1');
