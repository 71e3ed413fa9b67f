'use strict';
// Results of stamp auctions by catalogue number.
const { createServer } = require('node:http');

const server = createServer((req, res) => {
  const path = new URL(req.url, 'http://localhost').pathname;
  const seed = [...path].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 6007, 5);
  const prices = Array.from({ length: 6 }, (_, k) => 2 + ((seed * (k + 3)) % 900) / 10);
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ number: path.split('/').pop(), prices }));
  }, 34 + (seed % 9) + Math.random() * 4);
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
