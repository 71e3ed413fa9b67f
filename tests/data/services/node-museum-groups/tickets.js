'use strict';
// The ticket office of the city's museums.
const { createServer } = require('node:http');
const { setTimeout: wait } = require('node:timers/promises');

const tokens = new Set();
const slots = Array.from({ length: 14 }, (_, n) => ({
  starts: `${String(9 + Math.floor(n / 2)).padStart(2, '0')}:${n % 2 ? '30' : '00'}`,
  places: 12 + ((n * 29) % 50),
}));

createServer(async (req, res) => {
  const { pathname } = new URL(req.url, 'http://localhost');
  const reply = (status, body) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (pathname === '/sessions') {
    const token = Math.random().toString(36).slice(2);
    tokens.add(token);
    return reply(201, { token, seconds: 300 });
  }
  if (!tokens.has((req.headers.authorization ?? '').slice('Session '.length))) return reply(401, {});
  await wait(14 + Math.random() * 6);
  if (pathname.endsWith('/slots')) return reply(200, { slots });
  if (pathname.endsWith('/tariff')) return reply(200, { entrance: 9.5, guide: 60 });
  return reply(201, { reservation: Math.floor(Math.random() * 1e6) });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
