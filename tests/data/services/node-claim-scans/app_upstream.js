// The policy register: who is insured and for what, after a few milliseconds.
const http = require('node:http');

http.createServer((req, res) => {
  const number = Number(req.url.split('/').pop()) || 0;
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ policy: number, holder: `Holder ${number % 311}`, cover: ['water', 'fire', 'storm'].slice(0, 1 + (number % 3)), excess: 150 + (number % 4) * 50 }));
  }, 5);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
