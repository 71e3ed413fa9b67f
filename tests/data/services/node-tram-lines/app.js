'use strict';
// Suggests tram stops for what a passenger typed.
const http = require('node:http');

const PARTS = ['kirch', 'markt', 'berg', 'see', 'linden', 'bahnhof', 'wald', 'ober', 'unter', 'gasse', 'platz', 'weg'];
const stops = Array.from({ length: 2400 }, (_, n) => PARTS[n % 12] + PARTS[(n * 7 + 3) % 12] + (n % 40));

function distance(a, b) {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= b.length; j += 1) rows[0][j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost);
    }
  }
  return rows[a.length][b.length];
}

function suggest(text) {
  return stops
    .map((stop) => ({ stop, off: Math.min(distance(text, stop), distance(stop, text) + 0, distance(text + 's', stop)) }))
    .sort((a, b) => a.off - b.off)
    .slice(0, 5);
}

http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(suggest(url.searchParams.get('q') ?? '')));
}).listen(Number(process.env.PORT), '127.0.0.1');
