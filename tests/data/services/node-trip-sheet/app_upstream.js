'use strict';
require('node:http').createServer((req, res) => {
  setTimeout(() => res.end(JSON.stringify({ at: req.url, value: 3 })), 60 + Math.random() * 20);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
