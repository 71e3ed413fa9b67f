const http = require('http');
let n = 0;
http.createServer((req, res) => {
  req.resume();
  req.on('end', () => setTimeout(() => {
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ token: `auth_${++n}` }));
  }, 22));
}).listen(Number(process.env.PORT), '127.0.0.1');
