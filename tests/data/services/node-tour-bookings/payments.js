'use strict';
const http = require('node:http');

const agent = new http.Agent({ keepAlive: true });

function authorise(amount, holder) {
  const body = JSON.stringify({ amount, holder, currency: 'EUR' });
  return new Promise((resolve, reject) => {
    const req = http.request({
      agent, host: '127.0.0.1', port: process.env.UPSTREAM_PORT, method: 'POST', path: '/authorisations',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    req.on('error', reject);
    req.end(body);
  });
}

module.exports = { authorise };
