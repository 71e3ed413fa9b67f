'use strict';
// The network of weather stations: last reading of each, and a short forecast.
const http = require('node:http');

http.createServer((req, res) => {
  const [, , station, what] = req.url.split('?')[0].split('/');
  const n = [...station].reduce((sum, c) => sum + c.charCodeAt(0), 0);
  const answer = what === 'forecast'
    ? { station, hours: Array.from({ length: 12 }, (_, h) => ({ h, low: 3 - h * 0.4 + (n % 5) / 2 })) }
    : { station, air: 2 + (n % 7) / 3, humidity: 60 + (n % 30), wind: (n % 9) / 2 };
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(answer));
  }, 16 + (n % 6) * 2 + Math.random() * 5);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
