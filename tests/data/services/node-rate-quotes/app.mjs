import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { Rates } from './rates.mjs';
import { Quote } from './quotes.mjs';

const rates = new Rates();
rates.start();

const recent = [];
const app = new Hono();

app.use('*', async (c, next) => {
  const begun = performance.now();
  await next();
  c.header('server-timing', `app;dur=${(performance.now() - begun).toFixed(1)}`);
});

app.get('/healthz', (c) => c.json({ ok: true }));
app.get('/rates', (c) => c.json(rates.table));

function checked(body) {
  const known = (code) => typeof code === 'string' && code in rates.table;
  if (!known(body.from)) throw new HTTPException(422, { message: 'from' });
  if (!Array.isArray(body.to) || !body.to.length || !body.to.every(known)) throw new HTTPException(422, { message: 'to' });
  if (!(body.amount > 0)) throw new HTTPException(422, { message: 'amount' });
  return { from: body.from, to: body.to, amount: body.amount, days: Math.min(Math.max(body.days ?? 30, 1), 120) };
}

app.post('/quotes', async (c) => {
  const quote = new Quote(rates, checked(await c.req.json()));
  recent.push(quote.summary());
  if (recent.length > 200) recent.shift();
  return c.json(quote.summary(), 201);
});

app.get('/quotes/recent', (c) => c.json(recent.slice(-20)));

app.get('/quotes/:id', (c) => {
  const found = recent.find((quote) => quote.id === c.req.param('id'));
  return found ? c.json(found) : c.json({ error: 'unknown or expired quote' }, 404);
});

app.onError((err, c) => {
  if (err instanceof HTTPException) return c.json({ error: err.message }, err.status);
  console.error(err);
  return c.json({ error: 'internal' }, 500);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
