'use strict';
// Ground water: loggers in wells send their levels a few times a day.
const http = require('node:http');
const findMyWay = require('find-my-way');
const { Journal } = require('./journal');

const KEPT = 3000;
const ALARM = { low: 260, high: 640, jump: 60 };
const MAX_BODY = 64 * 1024;

class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const journal = new Journal('data');
const wells = new Map(Array.from({ length: 40 }, (_, n) => {
  const id = `w-${String(n).padStart(2, '0')}`;
  return [id, { id, name: `Well ${n}`, depth: 8 + (n % 23), levels: [], alarms: [] }];
}));

async function jsonBody(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > MAX_BODY) throw new HttpError(413, 'too much at once');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'not JSON');
  }
}

function wellOf(params) {
  const well = wells.get(params.well);
  if (!well) throw new HttpError(404, 'no such well');
  return well;
}

function readingsOf(well, { logger, from, every, levels }) {
  if (typeof logger !== 'string' || !Number.isInteger(from) || !(every >= 60) || !Array.isArray(levels)) throw new HttpError(422, 'fields');
  if (!levels.length || levels.length > 200 || !levels.every(Number.isFinite)) throw new HttpError(422, 'levels');
  return levels.map((level, n) => ({ well: well.id, logger, at: from + n * every, level }));
}

function alarmOf(previous, reading) {
  if (reading.level < ALARM.low) return 'low';
  if (reading.level > ALARM.high) return 'high';
  return previous && Math.abs(previous.level - reading.level) > ALARM.jump ? 'jump' : null;
}

function apply(reading) {
  const well = wells.get(reading.well);
  const kind = alarmOf(well.levels.at(-1), reading);
  if (kind) well.alarms.push({ kind, at: reading.at, level: reading.level });
  well.levels.push({ at: reading.at, level: reading.level });
  if (well.levels.length > KEPT) well.levels.splice(0, well.levels.length - KEPT);
  if (well.alarms.length > 100) well.alarms.shift();
  return kind;
}

async function takeLevels(req, params) {
  const well = wellOf(params);
  const readings = readingsOf(well, await jsonBody(req));
  let last = 0;
  const alarms = new Set();
  for (const reading of readings) {
    last = await journal.append(reading);
    const kind = apply(reading);
    if (kind) alarms.add(kind);
  }
  return { accepted: readings.length, last, alarms: [...alarms] };
}

function statistics(levels) {
  if (!levels.length) return { count: 0 };
  const values = levels.map((l) => l.level).sort((a, b) => a - b);
  return { count: values.length, lowest: values[0], median: values[values.length >> 1], highest: values.at(-1), since: levels[0].at };
}

const router = findMyWay({ defaultRoute: (req, res) => reply(res, 404, { error: 'not found' }) });

function reply(res, status, value) {
  const body = JSON.stringify(value);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

function on(method, path, status, handler) {
  router.on(method, path, async (req, res, params, _store, query) => {
    try {
      reply(res, status, await handler(req, params, query));
    } catch (error) {
      if (!error.status) console.error(path, error);
      reply(res, error.status ?? 500, { error: error.status ? error.message : 'internal' });
    }
  });
}

on('GET', '/ping', 200, () => ({ pong: true }));
on('GET', '/wells', 200, () => [...wells.values()].map(({ id, name, depth }) => ({ id, name, depth })));
on('POST', '/wells/:well/levels', 201, takeLevels);
on('GET', '/wells/:well/levels', 200, (req, params, query) => wellOf(params).levels.slice(-Math.min(500, Number(query.last ?? 96))));
on('GET', '/wells/:well/statistics', 200, (req, params) => statistics(wellOf(params).levels));
on('GET', '/wells/:well/alarms', 200, (req, params) => wellOf(params).alarms);

async function main() {
  const now = new Date();
  const months = [1, 0].map((back) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
  await journal.replay(months, apply);
  http.createServer((req, res) => router.lookup(req, res)).listen(Number(process.env.PORT), '127.0.0.1');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
