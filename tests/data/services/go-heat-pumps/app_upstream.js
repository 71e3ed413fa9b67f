// A maker's gateway: passes setpoints to the pumps, many at a time.
const http = require('http');

http.createServer((req, res) => {
  let text = '';
  req.on('data', (part) => { text += part; });
  req.on('end', () => {
    const [, , pump] = req.url.split('/');
    const set = text ? JSON.parse(text) : {};
    setTimeout(() => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ pump, accepted: true, flow: set.flow }));
    }, 27 + (pump.length % 3));
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
