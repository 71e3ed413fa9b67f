'use strict';
require('node:http').createServer((req, res) => {
  setTimeout(() => res.end(JSON.stringify(['snow', 'rain', req.url])), 12);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
