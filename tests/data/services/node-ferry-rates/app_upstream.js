'use strict';
const { createServer } = require('node:http');
createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ route: req.url, season: { name: 'low', factor: 0.8 }, prices: { car: 84, person: 12, dog: 9 }, steps: [1, 2, 3].map((n) => ({ from: n * 10, factor: 1 - n / 20 })) }));
  }, 140);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
