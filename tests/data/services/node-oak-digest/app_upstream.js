const http = require('http');
const body = 'oak '.repeat(3000);
http.createServer((req, res) => setTimeout(() => res.end(body), 10)).listen(process.env.UPSTREAM_PORT, '127.0.0.1');
