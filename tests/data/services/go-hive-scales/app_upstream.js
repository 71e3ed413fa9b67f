'use strict';
// Research station: takes the newest samples of a yard.
const http = require('node:http');

const seen = new Map();

const server = http.createServer((req, res) => {
  const parts = [];
  req.on('data', (part) => parts.push(part)).on('end', () => {
    const { yard, samples } = JSON.parse(Buffer.concat(parts).toString() || '{}');
    seen.set(yard, samples);
    setTimeout(() => res.writeHead(204).end(), 9 + Math.random() * 4);
  });
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
