// Milk intake of a dairy: deliveries as the lorries bring them, and what the flow meters of the tanks say right now.
import { createServer } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { watchMeters } from './meters.mjs';

const FOLDER = 'intake';
const FARMS = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Gorse', 'Hazel'];
const BASE_CENTS = 43.2;

function prepareRecords() {
  for (const kind of ['deliveries', 'analyses', 'farms']) mkdirSync(join(FOLDER, kind), { recursive: true });
  const write = (kind, id, record) => writeFileSync(join(FOLDER, kind, `${id}.json`), JSON.stringify(record));
  FARMS.forEach((name, n) => write('farms', n, { name, cows: 40 + n * 13, organic: n % 3 === 0 }));
  for (let n = 1; n <= 150; n++) {
    write('deliveries', n, { id: n, farm: n % FARMS.length, litres: 1800 + ((n * 331) % 4200), tank: 1 + (n % 6), analysis: n });
    write('analyses', n, { fat: 3.6 + ((n * 7) % 12) / 10, protein: 3.1 + ((n * 5) % 7) / 10, cells: 90 + ((n * 17) % 240) });
  }
}

class NotFound extends Error {}

async function load(kind, id) {
  try {
    return JSON.parse(await readFile(join(FOLDER, kind, `${id}.json`), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') throw new NotFound(`${kind} ${id}`);
    throw error;
  }
}

function milkPrice({ fat, protein, cells }, organic) {
  let cents = BASE_CENTS + (fat - 4) * 2.6 + (protein - 3.4) * 4.1;
  if (cells > 250) cents -= 1.5;
  if (organic) cents += 9;
  return Number(cents.toFixed(2));
}

async function statement(id) {
  const delivery = await load('deliveries', id);
  const [farm, analysis] = await Promise.all([load('farms', delivery.farm), load('analyses', delivery.analysis)]);
  const cents = milkPrice(analysis, farm.organic);
  return {
    delivery: delivery.id,
    farm: farm.name,
    litres: delivery.litres,
    quality: analysis,
    cents,
    amount: Number(((delivery.litres * cents) / 100).toFixed(2)),
  };
}

async function latest(count) {
  const names = await readdir(join(FOLDER, 'deliveries'));
  const numbers = names.map((name) => parseInt(name, 10)).sort((a, b) => b - a);
  return Promise.all(numbers.slice(0, count).map((n) => load('deliveries', n)));
}

prepareRecords();
const meters = await watchMeters(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`);

const routes = [
  [/^\/health$/, () => ({ ok: true })],
  [/^\/tanks$/, () => meters.readings()],
  [/^\/tanks\/(\d+)$/, (tank) => meters.reading(Number(tank)) ?? Promise.reject(new NotFound(`tank ${tank}`))],
  [/^\/deliveries$/, () => latest(10)],
  [/^\/deliveries\/(\d+)\/statement$/, (id) => statement(id)],
];

async function dispatch(path) {
  for (const [pattern, handler] of routes) {
    const match = pattern.exec(path);
    if (match) return handler(...match.slice(1));
  }
  throw new NotFound(path);
}

createServer(async (req, res) => {
  let status = 200;
  let body;
  try {
    body = await dispatch(new URL(req.url, 'http://localhost').pathname);
  } catch (error) {
    status = error instanceof NotFound ? 404 : 500;
    body = { error: error.message };
  }
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}).listen(Number(process.env.PORT), '127.0.0.1');
