// Accounts of the roadside devices: which device may report for which gates.
const http = require('http');

const server = http.createServer((req, res) => {
  const id = req.url.slice('/devices/'.length);
  setTimeout(() => {
    const known = /^dev-\d{4}$/.test(id);
    res.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    res.end(JSON.stringify(known ? { device: id, gates: ['A12', 'A13', 'B2'], expires: 1893456000 } : { error: 'unknown' }));
  }, 22 + Math.random() * 8);
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
