'use strict';
const { createServer } = require('node:http');
createServer((req, res) => {
  setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ tonnes: 12 })), 340);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
