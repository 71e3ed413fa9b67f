// The laboratory: registers a sample and says which bottle it goes into. Serves any number of dairies side by side.
const http = require('http');

let bottle = 40000;

http.createServer((req, res) => {
  let text = '';
  req.on('data', (part) => { text += part; });
  req.on('end', () => {
    setTimeout(() => {
      res.writeHead(201, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ sample: `S-${++bottle}`, shelf: bottle % 60, bytes: text.length }));
    }, 32 + Math.random() * 10);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
