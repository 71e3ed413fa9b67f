// Sea freight offers: what twelve carriers ask for a container from port to port.
const polka = require('polka');
const zlib = require('node:zlib');
const { randomUUID } = require('node:crypto');
const { LRUCache } = require('lru-cache');

const PORTS = ['HAM', 'RTM', 'ANR', 'SIN', 'SHA', 'PUS', 'NYC', 'SAV', 'SSZ', 'DUR', 'MEL', 'NSA'];
const CARRIERS = Array.from({ length: 12 }, (_, n) => `${'ACEHMNOPSWYZ'[n]}L${n}`);
const CARGO = { dry: 1, reefer: 1.7, hazardous: 2.1 };
const SURCHARGES = ['BAF', 'THC-origin', 'THC-destination', 'ISPS', 'seal', 'peak'];

// One place for whatever is worth keeping a while: sheets, sessions of the desk, answers to repeated calls.
const kept = new LRUCache({ max: 100 });

/** The carriers' sheets as they send them: gzipped lines of origin;destination;from teu;base;surcharges. */
function makeSheet(carrier, seed) {
  const lines = [];
  for (const from of PORTS) {
    for (const to of PORTS) {
      if (from === to) continue;
      for (let teu = 1; teu <= 16; teu *= 2) {
        seed = (seed * 48271) % 2147483647;
        const extra = SURCHARGES.map((name, n) => `${name}=${20 + ((seed >> n) % 90)}`).join(',');
        lines.push(`${from};${to};${teu};${700 + (seed % 2600)};${extra}`);
      }
    }
  }
  return zlib.gzipSync(lines.join('\n'));
}

const sheets = new Map(CARRIERS.map((carrier, n) => [carrier, makeSheet(carrier, 1000 + n * 77)]));

function readSheet(carrier) {
  const table = new Map();
  for (const line of zlib.gunzipSync(sheets.get(carrier)).toString().split('\n')) {
    const [from, to, teu, base, extra] = line.split(';');
    const key = `${from}-${to}`;
    const steps = table.get(key) ?? [];
    steps.push({
      teu: Number(teu),
      base: Number(base),
      surcharges: Object.fromEntries(extra.split(',').map((part) => part.split('=')).map(([k, v]) => [k, Number(v)])),
    });
    table.set(key, steps);
  }
  return table;
}

function rateTable(carrier) {
  let table = kept.get(`sheet:${carrier}`);
  if (!table) {
    table = readSheet(carrier);
    kept.set(`sheet:${carrier}`, table);
  }
  return table;
}

function priceFor(steps, teu, cargo) {
  const step = steps.findLast((one) => one.teu <= teu) ?? steps[0];
  const extras = Object.values(step.surcharges).reduce((sum, amount) => sum + amount, 0);
  return Math.round(step.base * CARGO[cargo] * teu + extras * teu);
}

function departures(carrier, lane, weeks) {
  const offset = (carrier.charCodeAt(0) + lane.length * 3) % 7;
  return Array.from({ length: weeks }, (_, week) => ({ week: week + 1, day: offset, transit: 18 + ((offset + week) % 9) }));
}

function offer(carrier, lane, teu, cargo) {
  const steps = rateTable(carrier).get(lane);
  if (!steps) return [];
  const price = priceFor(steps, teu, cargo);
  return departures(carrier, lane, 10).map((sailing) => {
    const made = { id: randomUUID(), carrier, lane, teu, cargo, ...sailing, price: price + (sailing.week < 3 ? 85 * teu : 0) };
    kept.set(`offer:${made.id}`, made);
    return made;
  });
}

function summary(offers) {
  const sorted = [...offers].sort((a, b) => a.price - b.price || a.transit - b.transit);
  return {
    cheapest: sorted[0],
    fastest: offers.reduce((best, one) => (one.transit < best.transit ? one : best), sorted[0]),
    offers: sorted.slice(0, 30),
  };
}

function json(res, status, content) {
  const body = JSON.stringify(content);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

const app = polka({ onError: (error, req, res) => json(res, 500, { error: error.message }) });

app.get('/healthz', (req, res) => json(res, 200, { status: 'ok' }));

app.get('/offers/:lane', (req, res) => {
  const { lane } = req.params;
  const teu = Number(req.query.teu ?? 1);
  const cargo = req.query.cargo ?? 'dry';
  if (!CARGO[cargo] || !(teu >= 1 && teu <= 40)) return json(res, 400, { error: 'teu or cargo?' });
  const offers = CARRIERS.flatMap((carrier) => offer(carrier, lane, teu, cargo));
  if (!offers.length) return json(res, 404, { error: 'no such lane' });
  json(res, 200, { lane, teu, cargo, ...summary(offers) });
});

app.post('/bookings/:offer', (req, res) => {
  const found = kept.get(`offer:${req.params.offer}`);
  if (!found) return json(res, 410, { error: 'the offer has lapsed' });
  kept.delete(`offer:${found.id}`);
  json(res, 201, { booked: found.id, carrier: found.carrier, price: found.price });
});

app.get('/carriers/:carrier/lanes', (req, res) => {
  if (!sheets.has(req.params.carrier)) return json(res, 404, { error: 'no such carrier' });
  json(res, 200, [...rateTable(req.params.carrier).keys()]);
});

app.listen(Number(process.env.PORT), '127.0.0.1');
