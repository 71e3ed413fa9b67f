'use strict';
// Weather centre: the wind over a square of the map.
const { createServer } = require('node:http');

createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ square: req.url.split('/').pop(), speed: 4 + (req.url.length % 7), from: (req.url.length * 40) % 360 }));
  }, 3);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
