// Box office of a theatre: holds on seats while a buyer fills in the form, with the offers that go with them.
import Koa from 'koa';
import { Router } from '@koa/router';
import { bodyParser } from '@koa/bodyparser';
import { BoxOffice, SoldOut } from './boxoffice.mjs';

const office = new BoxOffice({ shows: 30, rows: 52, seats: 44 });

const router = new Router();

router.get('/ping', (ctx) => {
  ctx.body = 'pong';
});

router.get('/shows', (ctx) => {
  ctx.body = office.programme();
});

router.post('/shows/:id/holds', (ctx) => {
  const { seats = 2, category = 'any' } = ctx.request.body ?? {};
  if (!Number.isInteger(seats) || seats < 1 || seats > 8) ctx.throw(422, 'seats');
  const hold = office.hold(ctx.params.id, seats, category) ?? ctx.throw(404, 'no such show');
  ctx.status = 201;
  ctx.body = hold.describe();
});

router.get('/holds/:id', (ctx) => {
  const hold = office.find(ctx.params.id) ?? ctx.throw(404, 'hold has lapsed');
  ctx.body = hold.describe();
});

router.post('/holds/:id/purchase', (ctx) => {
  const hold = office.find(ctx.params.id) ?? ctx.throw(404, 'hold has lapsed');
  ctx.body = office.purchase(hold);
});

router.delete('/holds/:id', (ctx) => {
  const hold = office.find(ctx.params.id);
  if (hold) office.cancel(hold);
  ctx.status = 204;
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error instanceof SoldOut ? 409 : error.status ?? 500;
    ctx.body = { error: error.message };
  }
});
app.use(bodyParser());
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
