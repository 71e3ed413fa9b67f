// The accounting house: takes folios, answers with the booking's number.
const http = require('node:http');

let last = 40000;

http.createServer((req, res) => {
  let size = 0;
  req.on('data', (chunk) => { size += chunk.length; });
  req.on('end', () => {
    setTimeout(() => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ booking: ++last, bytes: size, signed: Boolean(req.headers['x-signature']) }));
    }, 4);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
