'use strict';
// The registries that know something about a car, behind one gateway.
const { createServer } = require('node:http');

const DELAY = { keepers: 55, inspections: 80, recalls: 65, finance: 90, insurance: 70, theft: 50, prices: 60 };

function content(registry, plate) {
  const n = [...plate].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 3);
  switch (registry) {
    case 'keepers': return { keepers: 1 + (n % 4), since: 2015 + (n % 8) };
    case 'inspections': return { inspections: [30100, 41700].map((mileage, k) => ({ year: 2021 + k, mileage, passed: true })) };
    case 'recalls': return { open: n % 3 ? [] : ['airbag'] };
    case 'finance': return { outstanding: n % 2 ? 0 : 3400 };
    case 'insurance': return { writeOff: n % 11 === 0 ? 'N' : null };
    case 'theft': return { stolen: false };
    default: return { low: 6100 + n, high: 7900 + n };
  }
}

createServer((req, res) => {
  const [, registry, plate = ''] = req.url.split('/');
  if (!DELAY[registry]) return res.writeHead(404).end();
  setTimeout(() => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(content(registry, decodeURIComponent(plate))));
  }, DELAY[registry] + Math.random() * 15);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
