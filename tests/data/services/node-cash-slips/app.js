// Cash desks of a chain of shops: slips with numbers without gaps, signed as the tax office wants it.
const express = require('express');
const knexFactory = require('knex');

const SIGNER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/sign`;
const knex = knexFactory({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 2, max: 20 } });

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function tillOr404(id) {
  const till = await knex('tills').where({ id }).first();
  if (!till) throw new Refused(404, 'no such till');
  return till;
}

async function pricedLines(lines) {
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > 60) throw new Refused(422, 'lines?');
  const articles = await knex('articles').whereIn('id', lines.map((line) => Number(line.article)));
  const known = new Map(articles.map((article) => [article.id, article]));
  return lines.map((line, n) => {
    const article = known.get(Number(line.article));
    const count = Number(line.count);
    if (!article) throw new Refused(422, `article ${line.article}?`);
    if (!Number.isInteger(count) || count < 1) throw new Refused(422, `count of line ${n + 1}?`);
    return { line: n + 1, article_id: article.id, count, cents: article.cents * count, tax: article.tax };
  });
}

function taxes(lines) {
  const shares = {};
  for (const { tax, cents } of lines) shares[tax] = (shares[tax] ?? 0) + Math.round((cents * tax) / (100 + tax));
  return shares;
}

async function sign(content) {
  const answer = await fetch(SIGNER, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) throw new Refused(502, `signing unit: ${answer.status}`);
  return (await answer.json()).signature;
}

/** A series has no gaps, so a number is given out only when its slip is certain to be stored. */
async function nextNumber(trx, series) {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtext(?))', [`slips:${series}`]);
  const last = await trx('slips').where({ series }).max('number as number').first();
  return (last.number ?? 0) + 1;
}

async function store(trx, slip, lines) {
  const [{ id }] = await trx('slips').insert(slip).returning('id');
  await trx('slip_lines').insert(lines.map(({ tax, ...line }) => ({ slip_id: id, ...line })));
  return id;
}

function writeSlip(till, clerk, lines) {
  const cents = lines.reduce((sum, line) => sum + line.cents, 0);
  return knex.transaction(async (trx) => {
    const number = await nextNumber(trx, till.series);
    const signature = await sign({ series: till.series, number, till: till.id, cents, taxes: taxes(lines) });
    const id = await store(trx, { till_id: till.id, series: till.series, number, clerk, cents, signature }, lines);
    return { id, number: `${till.series}-${number}`, cents, signature };
  });
}

async function totals(till) {
  const rows = await knex('slips').where({ till_id: till }).select('clerk').sum('cents as cents').count('* as slips').groupBy('clerk').orderBy('clerk');
  return rows.map((row) => ({ clerk: row.clerk, slips: Number(row.slips), euros: Number(row.cents) / 100 }));
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '64kb' }));

app.get('/healthz', (req, res) => res.json({ status: 'ok' }));

app.post('/tills/:till/slips', async (req, res) => {
  const till = await tillOr404(Number(req.params.till));
  const lines = await pricedLines(req.body?.lines);
  const slip = await writeSlip(till, String(req.body.clerk ?? 'unknown'), lines);
  res.status(201).json({ ...slip, taxes: taxes(lines) });
});

app.get('/tills/:till/totals', async (req, res) => {
  const till = await tillOr404(Number(req.params.till));
  res.json({ shop: till.shop, till: till.id, clerks: await totals(till.id) });
});

app.get('/slips/:id', async (req, res) => {
  const slip = await knex('slips').where({ id: Number(req.params.id) }).first();
  if (!slip) throw new Refused(404, 'no such slip');
  const lines = await knex('slip_lines').where({ slip_id: slip.id }).orderBy('line').select('article_id', 'count', 'cents');
  res.json({ ...slip, lines });
});

app.use((error, req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(error.status ?? 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
