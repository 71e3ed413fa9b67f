'use strict';
// Register of cattle: passports of a herd, movements between holdings, subsidies that are due.
const cluster = require('node:cluster');
const { parseArgs } = require('node:util');

const { values } = parseArgs({ options: { workers: { type: 'string', default: '2' } } });

if (cluster.isPrimary) {
  for (let n = 0; n < Number(values.workers); n += 1) cluster.fork();
  cluster.on('exit', (worker) => {
    if (!worker.exitedAfterDisconnect) cluster.fork();
  });
  process.on('SIGTERM', () => cluster.disconnect(() => process.exit(0)));
} else {
  const express = require('express');
  const compression = require('compression');
  const { herd, herds } = require('./register');
  const { passportsOf, movementsOf } = require('./passports');

  const app = express();
  app.disable('x-powered-by');
  app.use(compression({ threshold: 2048, level: 4 }));
  app.use((req, res, next) => {
    res.set('x-request-id', `${process.pid}-${Date.now().toString(36)}`);
    next();
  });

  app.param('herd', (req, _res, next, id) => {
    req.herd = herd(id);
    next(req.herd ? undefined : Object.assign(new Error('no such herd'), { status: 404 }));
  });

  app.get('/herds/:herd/passports', (req, res) => {
    const { page, seal } = passportsOf(req.herd, { lang: req.query.lang ?? 'en', sort: req.query.sort ?? 'ear_tag' });
    res.set('x-seal', seal).type('json').send(page);
  });

  app.get('/herds/:herd/movements', (req, res) => {
    res.json(movementsOf(req.herd));
  });

  app.get('/herds', (_req, res) => {
    res.json(herds());
  });

  app.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' });
  });

  app.use((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ error: error.message });
  });

  app.listen(Number(process.env.PORT), '127.0.0.1');
}
