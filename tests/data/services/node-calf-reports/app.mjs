// Cattle passports: births, moves and deaths that farms report, kept in an embedded store beside the service.
import { createServer } from 'node:http';
import { Registry } from './registry.mjs';

const registry = await Registry.open('./passports');
await registry.fillFrom(24, 60);

const EVENTS = new Set(['birth', 'arrival', 'departure', 'death']);

class BadRequest extends Error {}

async function readJson(req, limit = 256 * 1024) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > limit) throw new BadRequest('too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequest('not JSON');
  }
}

function expand(report) {
  const { holding, event, on, animals } = report;
  if (!/^H\d{4}$/.test(holding ?? '')) throw new BadRequest('holding');
  if (!EVENTS.has(event)) throw new BadRequest('event');
  if (Number.isNaN(Date.parse(on))) throw new BadRequest('on');
  if (!Array.isArray(animals?.ranges) || animals.ranges.length > 20) throw new BadRequest('animals');
  const marks = animals.ranges.flatMap(([first, last]) => {
    if (!(last >= first) || last - first > 100) throw new BadRequest('range');
    return Array.from({ length: last - first + 1 }, (_, n) => `${animals.herd}-${String(first + n).padStart(5, '0')}`);
  });
  return marks.map((mark) => ({ mark, holding, event, on }));
}

const checkDigit = (text) => [...text].reduce((sum, c, n) => (sum + c.charCodeAt(0) * (n + 3)) % 97, 0);

const routes = [
  ['GET', /^\/health$/, async () => ({ status: 'up' })],

  ['POST', /^\/reports$/, async (req) => {
    const entries = expand(await readJson(req));
    const receipts = [];
    for (const entry of entries) {
      const serial = await registry.enter(entry);
      receipts.push(`${entry.mark}/${serial}-${checkDigit(entry.mark)}`);
    }
    return { accepted: receipts.length, receipts };
  }],

  ['GET', /^\/animals\/([A-Z]{2}\d+-\d{5})$/, async (req, [mark]) => {
    const events = await registry.eventsOf(mark);
    return events.length ? { mark, events } : null;
  }],

  ['GET', /^\/holdings\/(H\d{4})$/, async (req, [holding]) => ({ holding, animals: await registry.count(holding) })],
];

async function answer(req) {
  const { pathname } = new URL(req.url, 'http://localhost');
  for (const [method, pattern, handler] of routes) {
    const match = req.method === method && pattern.exec(pathname);
    if (match) return handler(req, match.slice(1));
  }
  return null;
}

const server = createServer(async (req, res) => {
  let status = 200;
  let body;
  try {
    body = await answer(req);
    if (body === null) [status, body] = [404, { error: 'not found' }];
  } catch (error) {
    [status, body] = error instanceof BadRequest ? [400, { error: error.message }] : [500, { error: 'internal' }];
    if (status === 500) console.error(error);
  }
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
});

server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close();
  registry.close().finally(() => process.exit(0));
});
