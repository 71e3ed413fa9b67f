'use strict';
const { createServer } = require('node:http');
createServer((req, res) => {
  setTimeout(() => res.setHeader('content-type', 'application/json').end('{"metres":7}'), 330);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
