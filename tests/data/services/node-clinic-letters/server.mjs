import Koa from 'koa';
import Router from '@koa/router';
import { wardPatients } from './patients.mjs';
import { wardLetters } from './letters.mjs';

const wards = new Map([1, 2, 3, 4].map((ward) => [ward, wardPatients(ward)]));
const app = new Koa();
const router = new Router();

router.get('/healthz', (ctx) => {
  ctx.body = { ok: true };
});

router.get('/wards/:ward', (ctx) => {
  const patients = wards.get(Number(ctx.params.ward));
  ctx.assert(patients, 404, 'no such ward');
  ctx.body = patients.map(({ id, name }) => ({ id, name }));
});

router.get('/wards/:ward/letters', (ctx) => {
  const patients = wards.get(Number(ctx.params.ward));
  ctx.assert(patients, 404, 'no such ward');
  ctx.body = { ward: Number(ctx.params.ward), letters: wardLetters(patients) };
});

app.use(async (ctx, next) => {
  const begun = performance.now();
  await next();
  ctx.set('server-timing', `app;dur=${(performance.now() - begun).toFixed(1)}`);
});
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
