// Properties store of a theatre.
import Koa from 'koa';
import { Router } from '@koa/router';
import pg from 'pg';
import { Stock } from './stock.mjs';
import { pickList } from './lists.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12 });

async function withStock(ctx, next) {
  const client = await pool.connect();
  ctx.stock = new Stock(client);
  try {
    await next();
  } finally {
    client.release();
  }
}

const number = (ctx, text) => {
  const value = Number(text);
  ctx.assert(Number.isInteger(value) && value > 0, 400, 'not a number');
  return value;
};

const router = new Router();

router.get('/alive', (ctx) => {
  ctx.body = 'alive';
});

router.get('/places/:id', withStock, async (ctx) => {
  const place = await ctx.stock.place(number(ctx, ctx.params.id));
  ctx.assert(place, 404, 'no such place');
  ctx.body = { ...place, inside: await ctx.stock.placesWithin(place.id) };
});

router.get('/places/:id/list', withStock, async (ctx) => {
  const place = await ctx.stock.place(number(ctx, ctx.params.id));
  const production = await ctx.stock.production(number(ctx, ctx.query.show ?? 1));
  ctx.assert(place && production, 404, 'no such place or show');
  ctx.body = await pickList(ctx.stock, place, production);
});

router.get('/shows', withStock, async (ctx) => {
  ctx.body = await ctx.stock.productionsAfter(ctx.query.after ?? '2025-01-01');
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'internal error' };
    if (!error.expose) console.error(error);
  }
});
app.use(router.routes());
app.listen(Number(process.env.PORT), '127.0.0.1');
