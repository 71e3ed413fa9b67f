'use strict';
const Koa = require('koa');
const Router = require('@koa/router');
const { zoneTariff, zonesOf, ZONES_BY_COUNTRY } = require('./zones');

const app = new Koa();
const router = new Router();

router.get('/healthz', (ctx) => {
  ctx.body = { ok: true };
});

router.get('/tariffs', (ctx) => {
  ctx.body = Object.entries(ZONES_BY_COUNTRY).map(([country, zones]) => ({ country, zones }));
});

function weightStep(text) {
  const weight = Number(text ?? 1);
  if (!(weight > 0 && weight <= 700)) return null;
  return (Math.ceil(weight * 2) / 2).toFixed(1);
}

router.get('/tariffs/:country/zones/:zone', (ctx) => {
  const step = weightStep(ctx.query.weight);
  const number = Number(ctx.params.zone);
  ctx.assert(step, 400, 'weight');
  ctx.assert(zonesOf(ctx.params.country).includes(number), 404, 'zone');
  const zone = zoneTariff(ctx.params.country, number);
  ctx.body = { zone: number, days: zone.days, price: zone.steps.get(step) };
});

router.get('/tariffs/:country/sheet', (ctx) => {
  const step = weightStep(ctx.query.weight);
  const zones = zonesOf(ctx.params.country);
  ctx.assert(step, 400, 'weight');
  ctx.assert(zones.length, 404, 'country');
  const rows = [];
  for (const number of zones) {
    const zone = zoneTariff(ctx.params.country, number);
    rows.push({ zone: number, days: zone.days, price: zone.steps.get(step) });
  }
  ctx.body = {
    country: ctx.params.country,
    weight: Number(step),
    cheapest: rows.reduce((best, row) => (row.price < best.price ? row : best)),
    rows,
  };
});

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'internal' };
    if (!error.expose) console.error(error);
  }
});
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
