// The ministry's registers: passports, sanctions lists and fees, each after a few milliseconds.
const http = require('node:http');

const answers = {
  '/passports': () => ({ valid: true, expires: '2031-04-30', issuedAt: 'Santiago' }),
  '/lists': () => ({ hits: [] }),
  '/fees': () => ({ currency: 'EUR', amount: 80, express: 45 }),
};

http.createServer((req, res) => {
  const { pathname } = new URL(req.url, 'http://registers');
  req.resume();
  setTimeout(() => {
    const found = answers[pathname];
    res.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    res.end(JSON.stringify(found ? found() : {}));
  }, 6);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
