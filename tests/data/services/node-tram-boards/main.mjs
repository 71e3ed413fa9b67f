// Departure boards of a tram company.
import { scryptSync } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import http from 'node:http';
import pg from 'pg';
import { Shelf, Turnstile } from './cache.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6 });
const signingKey = scryptSync(process.env.BOARD_SECRET ?? 'tram-boards', 'salt.2', 32, { N: 1 << 16, r: 8, maxmem: 256 << 20 });
const lines = new Shelf(16, 10_000);
const journal = new Turnstile();
let seen = [];

async function lineNames(service) {
  return lines.get(service, async () => {
    const { rows } = await pool.query('SELECT id, name, colour FROM lines WHERE services @> ARRAY[$1]', [service]);
    return new Map(rows.map((line) => [line.id, line]));
  });
}

async function departuresOf(stop, service) {
  const { rows } = await pool.query({
    name: 'departures',
    text: 'SELECT line_id, minute, platform, towards FROM departures WHERE stop_id = $1 AND service = $2 ORDER BY minute, line_id',
    values: [stop, service],
  });
  return rows;
}

async function stopById(id) {
  return (await pool.query('SELECT id, name, zone FROM stops WHERE id = $1', [id])).rows[0];
}

const clock = (minute) => `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function board(departures, names) {
  const hours = new Map();
  for (const { line_id: id, minute, platform, towards } of departures) {
    const line = names.get(id);
    if (!line) continue;
    const hour = Math.floor(minute / 60);
    if (!hours.has(hour)) hours.set(hour, []);
    hours.get(hour).push({ at: clock(minute), line: line.name, colour: line.colour, platform, towards });
  }
  return [...hours].map(([hour, list]) => ({ hour, list }));
}

function headway(departures) {
  const last = new Map();
  let longest = 0;
  for (const { line_id: id, minute } of departures) {
    if (last.has(id)) longest = Math.max(longest, minute - last.get(id));
    last.set(id, minute);
  }
  return longest;
}

function remember(stop) {
  seen.push(`${new Date().toISOString()} ${stop}`);
  if (seen.length >= 500) {
    const batch = seen;
    seen = [];
    journal.enter(() => appendFile('seen.log', `${batch.join('\n')}\n`)).catch((error) => console.error(error.message));
  }
}

async function day(stopId, service) {
  const [stop, names, departures] = await Promise.all([stopById(stopId), lineNames(service), departuresOf(stopId, service)]);
  if (!stop) return null;
  remember(stop.id);
  return { stop, service, headway: headway(departures), departures: departures.length, hours: board(departures, names) };
}

async function next(stopId, service, from) {
  const [names, departures] = await Promise.all([lineNames(service), departuresOf(stopId, service)]);
  return board(departures.filter((d) => d.minute >= from).slice(0, 12), names);
}

function reply(res, status, value) {
  const body = JSON.stringify(value);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

async function route(req, res) {
  const url = new URL(req.url, 'http://boards');
  const service = url.searchParams.get('service') ?? 'weekday';
  const [, root, id, view] = url.pathname.split('/');
  if (root === 'ready') return reply(res, 200, { ready: signingKey.length === 32 });
  if (root === 'statistics') return reply(res, 200, { ...lines.stats, waiting: pool.waitingCount });
  if (root === 'stops' && view === 'day') {
    const found = await day(Number(id), service);
    return reply(res, found ? 200 : 404, found ?? { error: 'no such stop' });
  }
  if (root === 'stops' && view === 'next') return reply(res, 200, await next(Number(id), service, Number(url.searchParams.get('from') ?? 0)));
  return reply(res, 404, { error: 'not found' });
}

await Promise.all(['weekday', 'saturday', 'sunday'].map(lineNames));
http.createServer((req, res) => {
  route(req, res).catch((error) => {
    console.error(req.url, error);
    reply(res, 500, { error: 'internal' });
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
