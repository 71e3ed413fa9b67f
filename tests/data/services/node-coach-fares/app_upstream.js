const http = require('http');
http.createServer((req, res) => {
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ fare: 18 }));
  }, 30);
}).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
