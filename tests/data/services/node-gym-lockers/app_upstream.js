'use strict';
// Membership desk: says what a member's contract allows.
const http = require('node:http');

http.createServer((req, res) => {
  const member = req.url.split('/')[2];
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ member, lockers: 40, paidUntil: '2031-01-31' }));
  }, 6 + Math.random() * 4);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
