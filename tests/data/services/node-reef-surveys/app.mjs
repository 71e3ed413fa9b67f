// Reef monitoring: surveys for rangers and the marine park's map.
import Koa from 'koa';
import { Router } from '@koa/router';
import { closeOnSignal, untilClosing } from './lifecycle.mjs';
import { bleaching, surveyOf } from './survey.mjs';

const reefs = new Map(Array.from({ length: 60 }, (_, n) => [n, { id: n, name: `Reef ${n}`, zone: ['no-take', 'buffer', 'open'][n % 3] }]));
const notes = [];

const router = new Router();

router.param('reef', (id, ctx, next) => {
  ctx.reef = reefs.get(Number(id)) ?? ctx.throw(404, 'no such reef');
  return next();
});

function transectsOf(ctx) {
  const transects = Number(ctx.query.transects ?? 10);
  ctx.assert(Number.isInteger(transects) && transects > 0 && transects <= 80, 400, 'transects');
  return transects;
}

router.get('/healthz', (ctx) => {
  ctx.body = 'ok';
});

router.get('/reefs', (ctx) => {
  ctx.body = [...reefs.values()].filter((reef) => !ctx.query.zone || reef.zone === ctx.query.zone);
});

router.get('/reefs/:reef/survey', async (ctx) => {
  const survey = await untilClosing(surveyOf(ctx.reef.id, transectsOf(ctx)));
  ctx.body = {
    reef: ctx.reef.name,
    zone: ctx.reef.zone,
    ...bleaching(survey),
    transects: survey.transects.map(({ t, quadrats, cover, species, shannon }) => ({
      t, cover, species, shannon, deepest: Math.max(...quadrats.map((q) => q.depth)),
    })),
  };
});

router.get('/reefs/:reef/transects/:t', async (ctx) => {
  const t = Number(ctx.params.t);
  ctx.assert(t >= 1 && t <= 80, 404);
  const { transects } = await untilClosing(surveyOf(ctx.reef.id, t));
  ctx.body = transects[t - 1];
});

router.post('/reefs/:reef/notes', (ctx) => {
  notes.push({ reef: ctx.reef.id, text: String(ctx.query.text ?? '').slice(0, 280), at: new Date().toISOString() });
  if (notes.length > 200) notes.shift();
  ctx.status = 201;
  ctx.body = notes.at(-1);
});

const app = new Koa();
app.use(router.routes()).use(router.allowedMethods());
closeOnSignal(app.listen(Number(process.env.PORT), '127.0.0.1'));
