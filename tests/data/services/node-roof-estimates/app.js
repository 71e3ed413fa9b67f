'use strict';
const Koa = require('koa');
const { Router } = require('@koa/router');
const bodyParser = require('koa-bodyparser');
const { EstimateBook, TILES, windLoads, pallets, sketch } = require('./estimates');

const book = new EstimateBook();
const router = new Router();

function roofOf(ctx) {
  const { customer, roof, tile } = ctx.request.body ?? {};
  ctx.assert(typeof customer === 'string' && customer.length > 1, 422, 'whose roof?');
  ctx.assert(Object.hasOwn(TILES, tile), 422, 'no such tile');
  const { length, width, pitch, dormers = 0, hip = 0 } = roof ?? {};
  ctx.assert(length > 2 && length < 60 && width > 2 && width < 40, 422, 'the roof has no size');
  ctx.assert(pitch >= 15 && pitch <= 70, 422, 'pitch must be 15 to 70 degrees');
  return { customer, tile, roof: { length, width, pitch, dormers: Math.min(6, dormers), hip } };
}

function rowsOf(estimate) {
  const rows = new Map();
  for (const { row, cut } of estimate.laid) {
    const known = rows.get(row) ?? { row, tiles: 0, cut: 0 };
    known.tiles++;
    if (cut > 0) known.cut++;
    rows.set(row, known);
  }
  return [...rows.values()];
}

router.get('/ready', (ctx) => {
  ctx.body = 'ready';
});

router.post('/estimates', (ctx) => {
  const { customer, roof, tile } = roofOf(ctx);
  const estimate = book.make(customer, roof, tile);
  ctx.status = 201;
  ctx.body = {
    ...estimate.summary(),
    offers: estimate.offers,
    alternatives: book.alternatives(estimate),
    rows: rowsOf(estimate),
    wind: windLoads(estimate.laid, roof),
    pallets: pallets(estimate.laid, TILES[tile]),
    drawings: [1, 2].map((side) => sketch(estimate.laid, TILES[tile], side)),
  };
});

router.get('/estimates/:number', (ctx) => {
  const estimate = book.find(ctx.params.number) ?? ctx.throw(404, 'no such estimate');
  ctx.body = { ...estimate.summary(), offers: estimate.offers, laid: estimate.laid };
});

router.post('/estimates/:number/accept', (ctx) => {
  const estimate = book.accept(ctx.params.number) ?? ctx.throw(404, 'no such estimate');
  ctx.body = { number: estimate.number, order: estimate.offers[0] };
});

router.get('/accepted', (ctx) => {
  ctx.body = book.accepted.slice(-50);
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'something went wrong' };
  }
});
app.use(bodyParser());
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
