const http = require('http');
http.createServer((req, res) => {
  const station = req.url.split('/').pop();
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ station, wind: station.length * 3 }));
  }, 16);
}).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
