const http = require('http');

http
  .createServer((req, res) => {
    setTimeout(() => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ perMetre: 45 }));
    }, 50);
  })
  .listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
