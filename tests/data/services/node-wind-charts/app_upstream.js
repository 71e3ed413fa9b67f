// The mast gateway: the last minute of a mast, at once.
const http = require('node:http');

http.createServer((req, res) => {
  const n = Date.now() % 7919;
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ speed: 4 + (n % 90) / 10, direction: n % 360, battery: 12.4 }));
  }, 3);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
