// Fax relay for doctors' offices: takes text, sends it down the line, keeps the journal.
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { randomUUID } from 'node:crypto';
import { WorkerPool } from './worker-pool.mjs';

const JOURNAL_LENGTH = 500;
const senders = new WorkerPool(new URL('./sender.mjs', import.meta.url), availableParallelism(),
  { linePort: Number(process.env.UPSTREAM_PORT) });
const journal = [];

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function bodyOf(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refused(400, 'no JSON');
  }
}

function numberOf(text) {
  const digits = String(text ?? '').replace(/[^\d+]/g, '').replace(/^00/, '+');
  if (!/^\+\d{8,15}$/.test(digits)) throw new Refused(422, 'number');
  return digits;
}

function pageOf({ subject = '', lines = [] }) {
  if (!Array.isArray(lines) || lines.length > 60) throw new Refused(422, 'lines');
  return { subject: String(subject).slice(0, 80), lines: lines.map((line) => String(line)) };
}

function enter(entry) {
  journal.push(entry);
  if (journal.length > JOURNAL_LENGTH) journal.shift();
  return entry;
}

async function send(req) {
  const order = await bodyOf(req);
  const number = numberOf(order.to);
  const job = randomUUID();
  const sent = await senders.run({ job, number, ...pageOf(order) });
  return [201, enter({ job, number, at: new Date().toISOString(), ...sent })];
}

const routes = {
  'POST /faxes': send,
  'GET /status': () => [200, { status: 'ok', journal: journal.length }],
  'GET /journal': () => [200, journal.slice(-50).reverse()],
  'GET /journal/speeds': () => {
    const speeds = {};
    for (const { speed } of journal) speeds[speed] = (speeds[speed] ?? 0) + 1;
    return [200, speeds];
  },
};

createServer(async (req, res) => {
  let status = 404;
  let body = { error: 'not found' };
  try {
    const route = routes[`${req.method} ${req.url.split('?')[0]}`];
    if (route) [status, body] = await route(req);
  } catch (error) {
    status = error.status ?? 500;
    body = { error: error.message };
  }
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), '127.0.0.1');
