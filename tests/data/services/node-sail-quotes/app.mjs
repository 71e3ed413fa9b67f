// What a sail costs: the price of each part is asked of its supplier, all at once.
import { createServer } from 'node:http';
import axios from 'axios';

const suppliers = axios.create({ baseURL: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`, timeout: 3000 });
const PARTS = ['cloth', 'spars', 'line', 'tail', 'freight'];

async function* offers(sail) {
  const asked = PARTS.map((part) => suppliers.get(`/${part}/${sail}`));
  for (const each of asked) yield (await each).data;
}

async function quote(sail) {
  const parts = [];
  let total = 0;
  for await (const { part, price } of offers(sail)) {
    parts.push(part);
    total += price;
  }
  return { sail, parts, total };
}

createServer(async (req, res) => {
  if (req.url === '/up') return res.end('up');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(await quote(req.url.split('/')[2])));
}).listen(Number(process.env.PORT), '127.0.0.1');
