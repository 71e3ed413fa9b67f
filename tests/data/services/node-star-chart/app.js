'use strict';
// The stars above the horizon at an hour; a fifth of a millisecond of arithmetic.
const http = require('node:http');

const stars = Array.from({ length: 1500 }, (_, n) => ({ name: `HR ${n}`, ra: (n * 137.5) % 360, dec: ((n * 61) % 180) - 90 }));
const cache = new Map();

function chart(hour) {
  if (cache.size > 500) cache.clear();
  const found = stars.filter((star) => Math.sin(((star.ra + hour * 15) * Math.PI) / 180) * Math.cos((star.dec * Math.PI) / 180) > 0.2);
  cache.set(hour, found.length);
  return found.slice(0, 50);
}

http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(chart(Number(url.searchParams.get('hour')))));
}).listen(Number(process.env.PORT), '127.0.0.1');
