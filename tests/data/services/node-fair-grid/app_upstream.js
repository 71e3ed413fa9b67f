const http = require('http');
http.createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ id: req.url, owner: 'fair' }));
  }, 18);
}).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
