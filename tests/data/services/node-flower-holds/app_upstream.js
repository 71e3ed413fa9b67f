'use strict';
// The auction's stock service.
const http = require('node:http');

let trolley = 100;

function answerTo(method, name) {
  if (method === 'PUT') return [38, { cart: name, trolley: (trolley += 1) }];
  return [24, { stem: name, bunches: 900 + name.length * 31, cents: 40 + name.length * 9 }];
}

http.createServer((req, res) => {
  const [ms, answer] = answerTo(req.method, decodeURIComponent(req.url.split('/')[2]));
  req.resume();
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(answer));
  }, ms + Math.random() * 8);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
