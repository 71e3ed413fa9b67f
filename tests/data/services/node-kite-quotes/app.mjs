// What a kite costs: the price of each part is asked of its supplier.
import { createServer } from 'node:http';
import axios from 'axios';

const suppliers = axios.create({ baseURL: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`, timeout: 3000 });
const PARTS = ['cloth', 'spars', 'line', 'tail', 'freight'];

class Offers {
  constructor(kite, parts) {
    this.kite = kite;
    this.left = [...parts];
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next() {
    const part = this.left.shift();
    if (!part) return { done: true, value: undefined };
    const { data } = await suppliers.get(`/${part}/${this.kite}`);
    return { done: false, value: data };
  }
}

async function* dear(offers) {
  for await (const offer of offers) yield { ...offer, price: Math.ceil(offer.price * 1.2) };
}

async function quote(kite) {
  const parts = [];
  let total = 0;
  for await (const { part, price } of dear(new Offers(kite, PARTS))) {
    parts.push(part);
    total += price;
  }
  return { kite, parts, total };
}

createServer(async (req, res) => {
  if (req.url === '/up') return res.end('up');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(await quote(req.url.split('/')[2])));
}).listen(Number(process.env.PORT), '127.0.0.1');
