'use strict';
// Reservation system of a shipping line: one deck at a time.
const { createServer } = require('node:http');

createServer((req, res) => {
  const found = req.url.match(/^\/ships\/([a-z]+)\/decks\/(\d+)$/);
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    if (!found) return res.writeHead(404).end('{}');
    const deck = Number(found[2]);
    const cabins = Array.from({ length: 18 }, (_, i) => ({ number: deck * 100 + i, kind: ['inside', 'sea', 'balcony'][(deck + i) % 3], berths: 2 + ((deck * i) % 3), sold: (deck * 7 + i * 5) % 4 === 0 }));
    res.end(JSON.stringify({ deck, cabins }));
  }, 24 + Math.random() * 14);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
