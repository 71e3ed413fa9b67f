'use strict';
const { createServer } = require('node:http');
const MS = { cloth: 70, spars: 60, line: 80, tail: 55, freight: 75 };
createServer((req, res) => {
  const part = req.url.split('/')[1];
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ part, price: part.length * 3 }));
  }, MS[part] ?? 5);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
