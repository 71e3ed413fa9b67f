'use strict';
// Vaccine fridges of a county: loggers hand in their samples, pharmacists ask whether a fridge was always cold enough.
const http = require('node:http');
const { Tape } = require('./tape');

const LIMITS = { low: 2, high: 8, frozen: -15 };
const FRIDGES = new Map();
for (let n = 1; n <= 90; n++) {
  FRIDGES.set(`F${n}`, { id: `F${n}`, site: `Pharmacy ${1 + (n % 30)}`, freezer: n % 11 === 0, doses: 40 + ((n * 29) % 500), samples: 0, worst: null });
}

const tape = new Tape('tape');

class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function readJson(req) {
  return new Promise((resolve, reject) => {
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('error', reject);
    req.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(parts).toString()));
      } catch {
        reject(new Problem(400, 'not JSON'));
      }
    });
  });
}

function fridgeOr404(id) {
  const fridge = FRIDGES.get(id);
  if (!fridge) throw new Problem(404, 'no such fridge');
  return fridge;
}

/** Loggers send the first reading in tenths of a degree, then only the differences, one a minute. */
function unpack({ from, first, steps }) {
  if (!Number.isFinite(from) || !Number.isFinite(first) || !Array.isArray(steps) || steps.length > 400) throw new Problem(422, 'bad batch');
  const samples = [{ minute: from, celsius: first / 10 }];
  let tenths = first;
  steps.forEach((step, n) => {
    tenths += step;
    samples.push({ minute: from + n + 1, celsius: tenths / 10 });
  });
  return samples;
}

function excursions(fridge, samples) {
  const outside = ({ celsius }) => (fridge.freezer ? celsius > LIMITS.frozen : celsius < LIMITS.low || celsius > LIMITS.high);
  const runs = [];
  for (const sample of samples) {
    const last = runs.at(-1);
    if (!outside(sample)) continue;
    if (last && last.until === sample.minute - 1) {
      last.until = sample.minute;
      last.peak = Math.max(last.peak, sample.celsius);
    } else {
      runs.push({ from: sample.minute, until: sample.minute, peak: sample.celsius });
    }
  }
  return runs;
}

async function takeSamples(id, batch) {
  const fridge = fridgeOr404(id);
  const samples = unpack(batch);
  await tape.record(id, samples);
  fridge.samples += samples.length;
  const runs = excursions(fridge, samples);
  for (const run of runs) if (!fridge.worst || run.peak > fridge.worst.peak) fridge.worst = run;
  return { fridge: id, taken: samples.length, excursions: runs, alarm: runs.some((r) => r.until - r.from >= 10) };
}

const routes = [
  ['GET', /^\/healthy$/, () => ({ healthy: true })],
  ['GET', /^\/fridges$/, () => [...FRIDGES.values()].map(({ id, site, doses }) => ({ id, site, doses }))],
  ['GET', /^\/fridges\/(F\d+)$/, (id) => fridgeOr404(id)],
  ['GET', /^\/fridges\/(F\d+)\/tape$/, (id) => tape.last(fridgeOr404(id).id, 60)],
  ['POST', /^\/fridges\/(F\d+)\/samples$/, async (id, req) => takeSamples(id, await readJson(req))],
];

async function answer(req) {
  const path = req.url.split('?', 1)[0];
  for (const [method, pattern, handler] of routes) {
    const found = method === req.method && pattern.exec(path);
    if (found) return handler(...found.slice(1), req);
  }
  throw new Problem(404, 'nothing here');
}

http.createServer((req, res) => {
  answer(req).then(
    (body) => [200, body],
    (error) => [error.status ?? 500, { error: error.message }],
  ).then(([status, body]) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
