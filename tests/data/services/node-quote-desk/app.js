'use strict';
// Quotes a price in the customer's currency.
const http = require('node:http');

const agent = new http.Agent({ keepAlive: true });

function rates(currency) {
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, host: '127.0.0.1', port: Number(process.env.UPSTREAM_PORT), path: `/rates/${currency}` }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => { text += chunk; });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    request.on('error', reject);
  });
}

async function quote(item) {
  const { rate } = await rates('CHF');
  return { item, price: Math.round(item * 13 * rate) / 100 };
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(await quote(Number(url.searchParams.get('item')))));
}).listen(Number(process.env.PORT), '127.0.0.1');
