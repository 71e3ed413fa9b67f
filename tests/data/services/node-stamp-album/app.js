const Koa = require('koa');
const knex = require('knex')({
  client: 'pg',
  connection: process.env.DATABASE_URL,
  pool: { min: 2, max: 10 },
});

const PAGE = 30;
const app = new Koa();

function page(number) {
  return knex('stamps')
    .select('id', 'country', 'year', 'title', 'remarks')
    .orderBy(['year', 'id'])
    .limit(PAGE)
    .offset((number - 1) * PAGE);
}

app.use(async (ctx) => {
  if (ctx.path === '/healthz') {
    ctx.body = { ok: true };
  } else if (ctx.path === '/album') {
    ctx.body = await page(Number(ctx.query.page ?? 1));
  } else {
    ctx.status = 404;
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1');
