'use strict';
// The latest headlines: two sources asked together, a little formatting.
const http = require('node:http');

async function source(path) {
  const answer = await fetch(`http://127.0.0.1:${process.env.UPSTREAM_PORT}${path}`);
  return answer.json();
}

async function latest() {
  const [local, world] = await Promise.all([source('/local'), source('/world')]);
  return [...local, ...world].sort().map((title) => ({ title: title.toUpperCase() }));
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(await latest()));
}).listen(Number(process.env.PORT), '127.0.0.1');
