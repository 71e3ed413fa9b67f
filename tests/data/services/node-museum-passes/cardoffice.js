'use strict';
// Card office: tells whether a pass was reported lost.
const { createServer } = require('node:http');

createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ lost: req.url.endsWith('13') }));
  }, 11 + Math.random() * 6);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
