'use strict';
const http = require('node:http');
const fs = require('node:fs/promises');
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { Scales } = require('./scales');

const SILOS = 6;
const folder = path.join(__dirname, 'var');
const tickets = path.join(folder, 'tickets');

mkdirSync(tickets, { recursive: true });
for (let n = 1; n <= SILOS; n++) {
  writeFileSync(path.join(tickets, `silo-${n}.json`), JSON.stringify({
    silo: n, grain: ['wheat', 'barley', 'rye'][n % 3], moisture: 12.5 + n / 10, tare: 180 + n * 5,
  }));
}
writeFileSync(path.join(tickets, 'layout.txt'), 'SILO {silo} {grain}\nNET {net} kg\nMOISTURE {moisture}%\n');

const scales = new Scales(folder, SILOS);
scales.on('error', (error) => {
  console.error('scale', error.message);
  process.exit(1);
});
scales.start();

async function loadTicket(n) {
  const [silo, layout] = await Promise.all([
    fs.readFile(path.join(tickets, `silo-${n}.json`), 'utf8').then(JSON.parse),
    fs.readFile(path.join(tickets, 'layout.txt'), 'utf8'),
  ]);
  return { silo, layout };
}

function fill(layout, values) {
  return layout.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ''));
}

async function ticket(n) {
  const { silo, layout } = await loadTicket(n);
  const weight = scales.latest.get(n);
  const net = weight ? weight.kg - silo.tare : null;
  return { silo: n, net, stable: weight?.stable ?? false, text: fill(layout, { ...silo, net }) };
}

function send(res, status, body) {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

const server = http.createServer(async (req, res) => {
  try {
    if (req.url === '/healthz') return send(res, 200, { ok: true });
    if (req.url === '/scales') return send(res, 200, Object.fromEntries(scales.latest));
    const match = /^\/silos\/(\d+)\/ticket$/.exec(req.url);
    if (!match || Number(match[1]) > SILOS) return send(res, 404, { error: 'not found' });
    send(res, 200, await ticket(Number(match[1])));
  } catch (error) {
    console.error(error);
    send(res, 500, { error: 'internal' });
  }
});

server.listen(Number(process.env.PORT), '127.0.0.1');
