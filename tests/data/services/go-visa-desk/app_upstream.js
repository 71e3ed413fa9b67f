const http = require('http');
http.createServer((req, res) => {
  req.resume();
  req.on('end', () => setTimeout(() => {
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ score: 0.91, faults: [] }));
  }, req.url === '/inspect' ? 45 : 0));
}).listen(Number(process.env.PORT), '127.0.0.1');
