'use strict';
const { createServer } = require('node:http');
createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ tower: req.url.slice(1), bells: [{ note: 'C', cwt: 12 }, { note: 'D', cwt: 10 }], open: { day: 'tuesday' } }));
  }, 180);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
