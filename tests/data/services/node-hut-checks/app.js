'use strict';
// Is a mountain hut ready for guests? Every station is asked.
const http = require('node:http');
const { Pool } = require('undici');

const stations = new Pool(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`, { connections: 64 });
const CHECKS = ['water', 'gas', 'roof', 'stove', 'radio', 'beds'];

const ask = (hut, what) => stations.request({ path: `/${what}/${hut}`, method: 'GET' }).then(({ body }) => body.json());

function ready(hut) {
  return CHECKS.reduce(
    (done, what) => done.then((found) => ask(hut, what).then(({ ok }) => ({ ...found, [what]: ok }))),
    Promise.resolve({}),
  );
}

http.createServer((req, res) => {
  if (req.url === '/up') return res.end('up');
  ready(req.url.split('/')[2]).then((found) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ ready: Object.values(found).every(Boolean), found }));
  }, (error) => res.writeHead(502).end(error.message));
}).listen(Number(process.env.PORT), '127.0.0.1');
