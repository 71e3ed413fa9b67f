'use strict';
const { createServer } = require('node:http');
createServer((req, res) => {
  setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ percent: 40 })), 26 + Math.random() * 8);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
