const http = require('http');
http.createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ limit: 100000 }));
  }, 22);
}).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
