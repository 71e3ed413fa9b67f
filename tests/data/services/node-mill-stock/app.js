'use strict';
// Stock of a mill: four stores are asked, and what they said is remembered.
const http = require('node:http');

const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
const history = [];

function ask(store) {
  return new Promise((resolve, reject) => {
    http.get({ port: process.env.UPSTREAM_PORT, host: '127.0.0.1', path: `/stores/${store}`, agent }, (res) => {
      let text = '';
      res.on('data', (part) => { text += part; });
      res.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
}

function remember(stores) {
  history.push({ at: Date.now(), rows: Array.from({ length: 1200 }, (_, n) => ({ n, ...stores[n % stores.length] })) });
}

async function stock() {
  const stores = [];
  for (const store of ['north', 'south', 'east', 'west']) {
    stores.push(await ask(store));
  }
  remember(stores);
  return { stores, asked: history.length };
}

http.createServer(async (req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  if (req.url !== '/stock') {
    res.statusCode = 404;
    return res.end('no such page');
  }
  return res.end(JSON.stringify(await stock()));
}).listen(Number(process.env.PORT), '127.0.0.1');
