'use strict';
// The lift company's register of ski passes.
const http = require('node:http');

http.createServer((req, res) => {
  const id = req.url.split('/').pop();
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ pass: id, valid: true, zone: id.length % 2 ? 'all' : 'valley', until: '2024-04-14' }));
  }, 30 + Math.random() * 10);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
