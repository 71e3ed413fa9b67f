'use strict';
// The customs office: signs clients in, and tells the tariffs of goods by country.
const http = require('node:http');
const { randomBytes } = require('node:crypto');

const tokens = new Set();
const later = (ms, action) => setTimeout(action, ms + Math.random() * ms * 0.15);

function send(res, status, value) {
  const body = JSON.stringify(value);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  req.resume().on('end', () => {
    if (url.pathname === '/oauth/token') {
      const value = randomBytes(12).toString('hex');
      tokens.add(value);
      if (tokens.size > 5000) tokens.delete(tokens.values().next().value);
      later(290, () => send(res, 200, { access_token: value, token_type: 'Bearer', expires_in: 3600 }));
    } else if (!tokens.has((req.headers.authorization ?? '').replace('Bearer ', ''))) {
      send(res, 401, { error: 'sign in first' });
    } else if (url.pathname.startsWith('/tariffs/')) {
      const codes = (url.searchParams.get('codes') ?? '').split(',').filter(Boolean);
      later(7, () => send(res, 200, codes.map((code) => ({
        code, title: `goods ${code.slice(0, 4)}`, percent: (Number(code) % 140) / 10, papers: Number(code) % 3 ? [] : ['Certificate of origin'],
      }))));
    } else send(res, 404, {});
  });
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
