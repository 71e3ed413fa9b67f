'use strict';
const { createServer } = require('node:http');
createServer((req, res) => {
  setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ cents: 420 })), 25);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
