'use strict';
// Seat plans of halls; each view is remembered for the statistics.
const http = require('node:http');

const seen = new Map();
let views = 0;

function remember(hall, plan) {
  views += 1;
  seen.set(`${hall}-${views}`, { at: Date.now(), plan: plan.map((row) => ({ ...row })) });
}

function planOf(hall) {
  return Array.from({ length: 160 }, (_, n) => ({ row: n, seats: (n * 7 + hall) % 30, free: n % 5, note: `row ${n} of ${hall}` }));
}

http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  const hall = Number(url.searchParams.get('hall'));
  const plan = planOf(hall);
  remember(hall, plan);
  setTimeout(() => res.end(JSON.stringify(plan)), 15);
  return undefined;
}).listen(Number(process.env.PORT), '127.0.0.1');
