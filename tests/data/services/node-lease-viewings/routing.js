'use strict';
// Travel times of a routing provider.
const { createServer } = require('node:http');

createServer((req, res) => {
  const stops = new URL(req.url, 'http://x').searchParams.get('stops').split(';').length;
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ minutes: Array.from({ length: Math.max(0, stops - 1) }, (_, n) => 6 + ((n * 11) % 19)) }));
  }, 62 + Math.random() * 12);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
