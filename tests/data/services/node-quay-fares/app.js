'use strict';
// Fares of the ferries at a quay: the tide factor comes from a neighbour.
const http = require('node:http');

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

function tide(day) {
  return new Promise((resolve, reject) => {
    http.get({ port: process.env.UPSTREAM_PORT, host: '127.0.0.1', path: `/tide/${day}`, agent }, (res) => {
      let text = '';
      res.on('data', (part) => { text += part; });
      res.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
}

function fareTable(factor) {
  const fares = [];
  for (let from = 0; from < 60; from += 1) {
    let best = Infinity;
    for (let stop = 0; stop < 60; stop += 1) {
      let sum = 0;
      for (let leg = 0; leg < 3400; leg += 1) sum = (sum + (from * stop + leg) * factor) % 9973;
      best = Math.min(best, sum);
    }
    fares.push(best);
  }
  return fares;
}

http.createServer(async (req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  if (!req.url.startsWith('/fares')) {
    res.statusCode = 404;
    return res.end('no such page');
  }
  const { factor } = await tide('mon');
  return res.end(JSON.stringify({ fares: fareTable(factor) }));
}).listen(Number(process.env.PORT), '127.0.0.1');
