import Fastify from 'fastify';
import { Piscina } from 'piscina';

const press = new Piscina({ filename: new URL('./badge.mjs', import.meta.url).href, minThreads: 1, maxThreads: 1 });
const app = Fastify();

async function printBadge(name) {
  return press.run({ name });
}

app.get('/healthz', async () => 'ok');
app.get('/badges/:name', async (req) => ({ badge: await printBadge(req.params.name) }));

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
