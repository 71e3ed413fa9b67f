// Parish registers: transcribed entries for genealogists, page by page.
import Koa from 'koa';
import { Router } from '@koa/router';
import pg from 'pg';

const KINDS = new Set(['baptism', 'burial', 'marriage']);
const PAGE_SIZE = 50;

pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });

class Registers {
  constructor(db) {
    this.db = db;
  }

  async pageOf(kind, page) {
    const { rows } = await this.db.query(
      `SELECT e.id, e.surname, e.forename, e.entered_on, e.folio, e.remark, p.name AS parish, p.county
         FROM entries e JOIN parishes p ON p.id = e.parish_id
        WHERE e.kind = $1
        ORDER BY e.surname, e.forename, e.id
        LIMIT $2 OFFSET $3`,
      [kind, PAGE_SIZE, (page - 1) * PAGE_SIZE],
    );
    return rows;
  }

  async folio(parish, folio) {
    const { rows } = await this.db.query(
      'SELECT id, kind, surname, forename, entered_on, remark FROM entries WHERE parish_id = $1 AND folio = $2 ORDER BY id',
      [parish, folio],
    );
    return rows;
  }

  async entry(id) {
    const { rows } = await this.db.query(
      'SELECT e.*, p.name AS parish FROM entries e JOIN parishes p ON p.id = e.parish_id WHERE e.id = $1', [id]);
    return rows[0];
  }

  async namesakes(kind, surname) {
    const { rows } = await this.db.query(
      'SELECT forename, count(*)::int AS entries FROM entries WHERE kind = $1 AND surname = $2 GROUP BY forename ORDER BY 2 DESC LIMIT 20',
      [kind, surname],
    );
    return rows;
  }
}

const registers = new Registers(pool);
const router = new Router();

function citation(entry) {
  return `${entry.parish} (${entry.county}), fol. ${entry.folio}, ${entry.entered_on}`;
}

function present(entry) {
  const { id, surname, forename, remark } = entry;
  return { id, name: `${surname}, ${forename}`, year: Number(entry.entered_on.slice(0, 4)), citation: citation(entry), remark };
}

function wholeNumber(text, fallback, max) {
  const number = Number(text ?? fallback);
  return Number.isInteger(number) && number > 0 && number <= max ? number : null;
}

router.get('/ready', (ctx) => {
  ctx.body = 'ready';
});

router.get('/entries', async (ctx) => {
  const { kind = 'baptism', page: asked } = ctx.query;
  const page = wholeNumber(asked, 1, 100_000);
  ctx.assert(KINDS.has(kind) && page, 400, 'kind or page');
  const entries = await registers.pageOf(kind, page);
  ctx.body = { kind, page, next: entries.length === PAGE_SIZE ? page + 1 : null, entries: entries.map(present) };
});

router.get('/entries/:id', async (ctx) => {
  const id = wholeNumber(ctx.params.id, 0, 2 ** 31 - 1);
  const entry = id && (await registers.entry(id));
  ctx.assert(entry, 404);
  ctx.body = entry;
});

router.get('/parishes/:parish/folios/:folio', async (ctx) => {
  ctx.body = await registers.folio(Number(ctx.params.parish), Number(ctx.params.folio));
});

router.get('/surnames/:surname', async (ctx) => {
  ctx.body = await registers.namesakes(ctx.query.kind ?? 'baptism', ctx.params.surname);
});

const app = new Koa();
app.use(async (ctx, next) => {
  const begun = performance.now();
  await next();
  ctx.set('server-timing', `app;dur=${(performance.now() - begun).toFixed(1)}`);
});
app.use(router.routes()).use(router.allowedMethods());
app.on('error', (error) => console.error(error));
app.listen(Number(process.env.PORT), '127.0.0.1');
