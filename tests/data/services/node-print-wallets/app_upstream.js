// The print controllers' counter service: pages printed by a faculty, after a short look into its store.
const http = require('node:http');

http.createServer((req, res) => {
  const url = new URL(req.url, 'http://counters');
  const seed = [...url.search].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 99991, 7);
  const rows = Array.from({ length: 40 }, (_, n) => ({
    device: `prn-${1 + ((seed + n) % 12)}`, day: 1 + ((seed + n * 5) % 28), pages: 3 + ((seed * (n + 1)) % 60), colour: n % 4 === 0,
  }));
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(url.pathname === '/tariff' ? { mono: 0.04, colour: 0.19, duplex: 0.9 } : rows));
  }, url.pathname === '/tariff' ? 9 : 15);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
