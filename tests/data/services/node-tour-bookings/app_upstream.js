'use strict';
// Card payments: takes an authorisation, answers with its reference.
const http = require('node:http');
let n = 0;
http.createServer((req, res) => {
  req.resume();
  req.on('end', () => setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ reference: `AUTH-${(n += 1)}`, approved: true }));
  }, 65 + Math.random() * 15));
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
