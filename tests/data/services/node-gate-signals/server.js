'use strict';
const http = require('node:http');
const path = require('node:path');
const { Bus } = require('./bus');

const COMMAND = { lamp: 0x11, barrier: 0x21, display: 0x31 };
const GATES = {
  west: { address: 0x04, lanes: 3 },
  east: { address: 0x08, lanes: 2 },
  yard: { address: 0x0c, lanes: 1 },
};

const bus = new Bus(path.join(__dirname, 'dev', 'gate-line'));
const passages = [];

function note(gate, lane, plate) {
  passages.push({ gate, lane, plate, at: new Date().toISOString() });
  if (passages.length > 500) passages.shift();
}

function openGate(name, lane, plate) {
  const gate = GATES[name];
  const address = gate.address + lane - 1;
  const lamp = bus.send(address, COMMAND.lamp, 1);
  const barrier = bus.send(address, COMMAND.barrier, 1);
  bus.send(address, COMMAND.display, plate.length);
  note(name, lane, plate);
  return { gate: name, lane, lamp: lamp.at, barrier: barrier.at };
}

function readJson(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString() || '{}'));
      } catch {
        reject(Object.assign(new Error('not JSON'), { status: 400 }));
      }
    });
    req.on('error', reject);
  });
}

function send(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

async function route(req, res) {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return send(res, 200, { ok: true });
  if (url.pathname === '/passages') return send(res, 200, passages.slice(-50));
  if (url.pathname === '/gates') return send(res, 200, { gates: GATES, frames: bus.frames });
  const [, name, action] = /^\/gates\/(\w+)\/(open)$/.exec(url.pathname) ?? [];
  if (!GATES[name] || !action) return send(res, 404, { error: 'not found' });
  if (req.method !== 'POST') return send(res, 405, { error: 'POST only' });
  const { lane = 1, plate } = await readJson(req);
  if (!(lane >= 1 && lane <= GATES[name].lanes) || typeof plate !== 'string') return send(res, 422, { error: 'lane, plate' });
  return send(res, 200, openGate(name, lane, plate));
}

const server = http.createServer((req, res) => {
  route(req, res).catch((error) => {
    if (!error.status) console.error(error);
    send(res, error.status ?? 500, { error: error.message });
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1');
