'use strict';
// The weather station: warmth since the first of January.
const { createServer } = require('node:http');

createServer((req, res) => {
  const altitude = Number(new URL(req.url, 'http://localhost').searchParams.get('altitude') ?? 400);
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ degreeDays: Math.round(280 - altitude / 8) }));
  }, 4);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
