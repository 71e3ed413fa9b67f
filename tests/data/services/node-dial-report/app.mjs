import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import got from 'got';

const base = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const app = new Hono();

const section = (name) => got(`${base}/${name}`, { retry: { limit: 0 } }).json();

async function report(day) {
  const [sales, stock, staff] = await Promise.all([section(`sales?day=${day}`), section('stock'), section('staff')]);
  return { total: sales.total, stock: stock.count, staff: staff.count };
}

app.get('/healthz', (c) => c.text('ok'));
app.get('/reports/:day', async (c) => c.json(await report(c.req.param('day'))));

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
