'use strict';
// The laboratory's exposure records: looks up the detectors that were laid out in a dwelling.
const { createServer } = require('node:http');

createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  const seed = [...url.pathname].reduce((sum, c) => (sum * 33 + c.charCodeAt(0)) % 7919, 11);
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ detector: `R${seed}`, days: 60 + (seed % 40), tracks: 40 + (seed % 900), area: 0.9 + (seed % 7) / 10 }));
  }, 34 + Math.random() * 10);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
