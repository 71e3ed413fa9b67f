'use strict';
// Soil moisture forecast for a region.
const { createServer } = require('node:http');

createServer((req, res) => {
  const region = Number(req.url.split('/').pop()) || 1;
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ region, moisture: Array.from({ length: 7 }, (_, d) => 0.3 + ((region * 7 + d * 5) % 30) / 100), nights: 4 + (region % 6) }));
  }, 3 + Math.random() * 2);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
