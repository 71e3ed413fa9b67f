'use strict';
const cluster = require('node:cluster');
const path = require('node:path');

const WORKERS = 2;
const SPOOL = path.join(__dirname, 'spool');

function main() {
  for (let n = 0; n < WORKERS; n++) cluster.fork();
  cluster.on('exit', (worker, code) => {
    console.error(`worker ${worker.process.pid} ended with ${code}`);
    cluster.fork();
  });
}

async function serve() {
  const express = require('express');
  const { Spool } = require('./spool');

  const spool = new Spool(SPOOL);
  await spool.open();

  const stations = { K11: { offset: 0.1, limit: 9 }, K12: { offset: -0.05, limit: 8 }, K13: { offset: 0, limit: 11 } };
  const latest = new Map();
  const app = express();
  app.use(express.json());

  function toReadings(code, hour, values) {
    const { offset, limit } = stations[code];
    const step = 3600 / values.length;
    return values.map((value, n) => ({
      station: code,
      second: hour * 3600 + Math.round(n * step),
      level: Math.round((value + offset) * 100) / 100,
      alarm: value + offset > limit,
    }));
  }

  async function storeReadings(readings) {
    const names = [];
    for (const reading of readings) names.push(await spool.keep(reading));
    return names;
  }

  app.get('/healthz', (_req, res) => res.json({ ok: true }));

  app.get('/stations/:code', (req, res) => {
    if (!stations[req.params.code]) return res.sendStatus(404);
    res.json({ ...stations[req.params.code], latest: latest.get(req.params.code) ?? null });
  });

  app.post('/stations/:code/readings', async (req, res) => {
    const { code } = req.params;
    const { hour, values } = req.body ?? {};
    if (!stations[code]) return res.sendStatus(404);
    if (!(hour >= 0 && hour < 24) || !Array.isArray(values) || values.length > 240) return res.sendStatus(422);
    const readings = toReadings(code, hour, values);
    const names = await storeReadings(readings);
    latest.set(code, readings.at(-1));
    res.status(202).json({ station: code, kept: names.length, alarms: readings.filter((r) => r.alarm).length });
  });

  app.listen(Number(process.env.PORT), '127.0.0.1');
}

if (cluster.isPrimary) main();
else serve();
