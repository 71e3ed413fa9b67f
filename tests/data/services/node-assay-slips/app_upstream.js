'use strict';
// The weighing room: its balances confirm what lies on the tray.
const { createServer } = require('node:http');

let reading = 40000;
createServer((req, res) => {
  let text = '';
  req.on('data', (part) => (text += part));
  req.on('end', () => {
    const { grams, pieces } = JSON.parse(text || '{}');
    setTimeout(() => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ reference: `B${(reading += 1)}`, grams, pieces, stable: true }));
    }, 22 + Math.random() * 6);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
