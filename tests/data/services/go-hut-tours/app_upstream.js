'use strict';
// Booking system of the alpine clubs: free beds of a hut on a night.
const http = require('node:http');

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  const [, kind, hut] = url.pathname.split('/');
  if (kind !== 'huts' || !/^H\d\d$/.test(hut)) {
    res.writeHead(404).end();
    return;
  }
  const day = Number((url.searchParams.get('date') ?? '').slice(-2)) || 1;
  const n = Number(hut.slice(1));
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ free: 6 + ((day * 7 + n * 13) % 40), blanket: n % 3 === 0, price: 58 + n }));
  }, 38 + ((n * 5) % 17) + Math.random() * 8);
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
