'use strict';
// Cabin inventory of the shipping line.
const { createServer } = require('node:http');

const CLASSES = ['inside', 'outside', 'balcony', 'suite'];

createServer((req, res) => {
  const [, , sailing, , deck] = new URL(req.url, 'http://x').pathname.split('/');
  const cabins = Array.from({ length: 18 }, (_, n) => ({
    number: `${deck}${String(n + 1).padStart(3, '0')}`, type: CLASSES[(n + Number(deck)) % 4],
    berths: 1 + ((n * 7 + Number(deck)) % 4), free: (n * 13 + sailing.length + Number(deck)) % 5 < 2,
  }));
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ sailing, deck: Number(deck), cabins }));
  }, 34 + Math.random() * 8);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
