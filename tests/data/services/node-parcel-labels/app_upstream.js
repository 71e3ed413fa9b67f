'use strict';
// Sort centre of the carrier: gives the routing code that is printed on the label.
const { createServer } = require('node:http');

createServer((req, res) => {
  const postcode = req.url.split('/').pop();
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ postcode, depot: `D${postcode.slice(0, 2)}`, belt: Number(postcode) % 17 }));
  }, 60 + Math.random() * 15);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
