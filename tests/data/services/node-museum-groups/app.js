'use strict';
// Group visits of museums: teachers see when their class can come and what it costs.
const express = require('express');
const { TicketOffice, OfficeError } = require('./office');

const EXHIBITIONS = new Map([
  ['bronze', { title: 'Bronze and Barley', museum: 'Archaeology', largest: 28, minutes: 75 }],
  ['tides', { title: 'Tides of Trade', museum: 'Harbour', largest: 40, minutes: 60 }],
  ['looms', { title: 'A Thousand Looms', museum: 'Textile', largest: 24, minutes: 90 }],
]);
const AGES = { kindergarten: 0.3, school: 0.5, college: 0.8, adults: 1 };

const office = new TicketOffice(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`, {
  client: 'group-visits',
  secret: 's3-visits',
});

function splitGroup(size, largest) {
  const parts = Math.ceil(size / largest);
  return Array.from({ length: parts }, (_, n) => Math.floor((size + n) / parts));
}

function fitting(slots, parts) {
  return slots
    .filter((slot) => slot.places >= Math.max(...parts))
    .map((slot) => ({ ...slot, simultaneous: slot.places >= parts.reduce((a, b) => a + b, 0) }))
    .sort((a, b) => Number(b.simultaneous) - Number(a.simultaneous) || a.starts.localeCompare(b.starts));
}

function quote(tariff, size, age) {
  const entrance = tariff.entrance * AGES[age] * size;
  const guides = tariff.guide * Math.ceil(size / 25);
  return { entrance: Number(entrance.toFixed(2)), guides, total: Number((entrance + guides).toFixed(2)) };
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '20kb' }));

app.param('exhibition', (req, res, next, name) => {
  req.exhibition = EXHIBITIONS.get(name);
  if (req.exhibition) next();
  else res.status(404).json({ error: 'no such exhibition' });
});

app.get('/status', (req, res) => res.json({ status: 'open' }));

app.get('/exhibitions', (req, res) => {
  res.json([...EXHIBITIONS].map(([id, { title, museum }]) => ({ id, title, museum })));
});

app.get('/exhibitions/:exhibition/visits', async (req, res, next) => {
  const size = Number(req.query.size ?? 20);
  const age = req.query.age ?? 'school';
  if (!(size > 0 && size <= 160) || !(age in AGES)) return res.status(400).json({ error: 'size or age' });
  try {
    const day = req.query.day ?? '2025-05-12';
    const [slots, tariff] = await Promise.all([
      office.slots(req.params.exhibition, day),
      office.tariff(req.params.exhibition),
    ]);
    const parts = splitGroup(size, req.exhibition.largest);
    res.json({ title: req.exhibition.title, day, groups: parts, visits: fitting(slots, parts).slice(0, 6), price: quote(tariff, size, age) });
  } catch (error) {
    next(error);
  }
});

app.post('/exhibitions/:exhibition/visits', async (req, res, next) => {
  try {
    res.status(201).json(await office.reserve(req.params.exhibition, req.body));
  } catch (error) {
    next(error);
  }
});

app.use((error, req, res, next) => {
  res.status(error instanceof OfficeError ? 502 : 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
