'use strict';
// Weather service: one site's hourly forecast.
const { createServer } = require('node:http');

createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  const hours = Number(url.searchParams.get('hours') ?? 24);
  const seed = [...url.pathname].reduce((sum, c) => (sum * 17 + c.charCodeAt(0)) % 997, 3);
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({
      hourly: Array.from({ length: hours }, (_, h) => ({ hour: h, wind: 3 + ((seed + h * 5) % 140) / 10, sun: Math.max(0, Math.sin(((h - 6) * Math.PI) / 12)) })),
    }));
  }, 30 + Math.random() * 10);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
