import Fastify from 'fastify';
import { LRUCache } from 'lru-cache';
import { Mutex } from 'async-mutex';
import { Agent, request } from 'undici';

const app = Fastify({ logger: { level: 'warn' } });
const upstream = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const agent = new Agent({ connections: 12 });
const stalls = new LRUCache({ max: 40 });
const counterMutex = new Mutex();
let visits = 0;

async function loadStall(id) {
  const known = stalls.get(id);
  if (known) return known;
  const { body } = await request(`${upstream}/stalls/${id}`, { dispatcher: agent });
  const stall = await body.json();
  stalls.set(id, stall);
  return stall;
}

app.get('/healthz', async () => 'ok');
app.get('/grid', async () => {
  const first = Math.floor(Math.random() * 200);
  const grid = await Promise.all([first, first + 1, first + 2].map(loadStall));
  await counterMutex.runExclusive(() => { visits += 1; });
  return { grid, visits };
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
