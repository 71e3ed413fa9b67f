// Entries at the turnstiles of a city's stations, which the gatehouse confirms.
import { createServer } from 'node:http';
import { Gatehouse } from './gatehouse.mjs';

const gatehouse = new Gatehouse(Number(process.env.UPSTREAM_PORT));
const counts = new Map();

async function enter(station, entry) {
  const receipt = await gatehouse.ask({ station, ...entry });
  counts.set(station, (counts.get(station) ?? 0) + 1);
  return { station, ...receipt, today: counts.get(station) };
}

createServer(async (req, res) => {
  const found = /^\/stations\/(\d+)\/entries$/.exec(req.url);
  if (req.url === '/healthz') return res.end('ok');
  if (!found) return res.writeHead(404).end();
  let body = '';
  for await (const chunk of req) body += chunk;
  const answer = await enter(found[1], JSON.parse(body));
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(answer));
}).listen(Number(process.env.PORT), '127.0.0.1');
