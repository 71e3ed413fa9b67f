'use strict';
// Rates for shippers: the last hundred and fifty quotes are kept fresh, to compare new ones with.
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const KEPT = 150;
const last = [];

class Quote {
  constructor(id) {
    this.id = id;
    this.rates = Array.from({ length: 900 }, (_, day) => ({ day, cents: (id * 31 + day * 7) % 997, note: `d${day}` }));
    this.timer = setInterval(() => this.rates.push(this.rates.shift()), 2000);
  }

  best() {
    return this.rates.reduce((a, b) => (b.cents < a.cents ? b : a));
  }

  close() {
    clearInterval(this.timer);
  }
}

http.createServer(async (req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  const id = Number(req.url.split('/')[2]) || 1;
  await sleep(18);
  const quote = new Quote(id);
  last.push(quote);
  if (last.length > KEPT) last.shift().close();
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify({ id, best: quote.best(), kept: last.length }));
}).listen(Number(process.env.PORT), '127.0.0.1');
