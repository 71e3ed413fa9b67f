// Punched cards for a loom, a card for each row of a pattern.
import Fastify from 'fastify';
import QuickLRU from 'quick-lru';
import { deflateSync } from 'node:zlib';

const cards = new QuickLRU({ maxSize: 30 });
const PATTERNS = { damask: 96, twill: 24 };

function punch(pattern, row) {
  const holes = Buffer.alloc(4096);
  for (let hook = 0; hook < holes.length; hook += 1) {
    holes[hook] = Math.abs(Math.round(Math.sin(hook * (row + 1) + pattern.length) * 127)) & 0xf7;
  }
  return deflateSync(holes, { level: 6 }).toString('base64').slice(0, 64);
}

function cardFor(pattern, row) {
  const key = `${pattern}#${row}`;
  if (cards.has(key)) return cards.get(key);
  const card = { row, holes: punch(pattern, row) };
  cards.set(key, card);
  return card;
}

const app = Fastify();
app.get('/up', async () => 'up');
app.get('/patterns/:name/cards', async (request, reply) => {
  const rows = PATTERNS[request.params.name];
  if (!rows) return reply.code(404).send({ error: 'no such pattern' });
  return Array.from({ length: rows }, (_, row) => cardFor(request.params.name, row));
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
