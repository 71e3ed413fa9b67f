const http = require('http');
const body = 'x'.repeat(2000);
http.createServer((req, res) => setTimeout(() => res.end(body), 25)).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
