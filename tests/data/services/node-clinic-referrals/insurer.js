'use strict';
// The insurers' clearing desk: says which policies are covered.
const { createServer } = require('node:http');

createServer((req, res) => {
  const policies = (new URL(req.url, 'http://x').searchParams.get('policies') ?? '').split(',').filter(Boolean);
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(Object.fromEntries(policies.map((p) => [p, Number(p.slice(1)) % 11 === 0 ? 'ask' : 'covered']))));
  }, 40 + Math.random() * 6);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
