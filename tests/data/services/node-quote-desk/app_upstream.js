'use strict';
require('node:http').createServer((req, res) => {
  setTimeout(() => res.end(JSON.stringify({ rate: 0.97 })), 240 + Math.random() * 60);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
