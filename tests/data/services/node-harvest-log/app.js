'use strict';
// Sums of a season's harvest by parcel.
const http = require('node:http');

const history = Array.from({ length: 60_000 }, (_, n) => ({ parcel: `p-${n % 400}`, kilos: (n * 31) % 900, tags: [`t${n % 9}`, `u${n % 7}`] }));

function sums(parcels) {
  return parcels.reduce((all, { parcel, kilos }) => ({ ...all, [parcel]: (all[parcel] ?? 0) + kilos }), {});
}

function season(year) {
  const copies = history.slice(0, 30_000).map((entry) => ({ ...entry, tags: [...entry.tags], year }));
  const nested = copies.map((entry) => [entry, { ...entry, by: { ...entry } }]);
  return { year, parcels: Object.keys(sums(nested.slice(0, 300).map(([first]) => first))).length };
}

http.createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(season(Number(url.searchParams.get('year')))));
}).listen(Number(process.env.PORT), '127.0.0.1');
