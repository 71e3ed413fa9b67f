const http = require('http');
http.createServer((req, res) => {
  const slow = req.url.startsWith('/sales');
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ total: 41, count: 7 }));
  }, slow ? 240 : 12);
}).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
