'use strict';
// Line scanners of the parcel belts: an exposure takes a moment, each belt has many.
const { createServer } = require('node:http');

createServer((req, res) => {
  const n = [...req.url].reduce((sum, c) => (sum * 33 + c.charCodeAt(0)) >>> 0, 5381);
  setTimeout(() => {
    const rows = Array.from({ length: 24 }, (_, y) => Buffer.from(Array.from({ length: 48 }, (_, x) => ((n >> (x % 13)) * (y + 3) + x * y) & 255)).toString('base64'));
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ width: 48, height: 24, rows }));
  }, 48 + Math.random() * 8);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
