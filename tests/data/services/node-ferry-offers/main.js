'use strict';
const express = require('express');
const { randomUUID } = require('node:crypto');
const { OffersRepository, OffersService, OffersController } = require('./offers');

const offers = new OffersController(new OffersService(new OffersRepository()));
const app = express();

app.use(express.json());
app.use((req, res, next) => {
  req.id = req.get('x-request-id') ?? randomUUID();
  res.set('x-request-id', req.id);
  next();
});
app.get('/healthz', (_req, res) => res.json({ ok: true }));
app.post('/offers/search', offers.search);
app.use((err, _req, res, _next) => {
  console.error(err);
  res.status(err.status ?? 500).json({ error: 'internal' });
});
app.listen(Number(process.env.PORT), '127.0.0.1');
