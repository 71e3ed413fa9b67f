'use strict';
// Quotes for handmade glazed tiles.
const { randomUUID } = require('node:crypto');
const { createWriteStream } = require('node:fs');
const cookies = require('cookie-parser');
const express = require('express');
const helmet = require('helmet');
const _ = require('lodash');
const morgan = require('morgan');
const { quoteFor, read } = require('./pipeline');

const KINDS = ['wall', 'floor', 'splashback', 'stairs'];
const EXTRAS = ['heating', 'drain', 'niche', 'bevel'];
const ROOMS = ['bath', 'kitchen', 'hall', 'guest bath', 'pantry', 'terrace', 'utility'];
const FLAGS = { roomTotals: { share: 100 }, newRounding: { share: 0 }, germanLabels: { share: 50 }, vat2024: { share: 100 } };

const catalogue = new Map(Array.from({ length: 240 }, (_unused, n) => {
  const code = `${['RX', 'MT', 'CE'][n % 3]}-${100 + n}`;
  return [code, { code, price: 1.2 + (n % 40) / 10, side: [0.1, 0.15, 0.2, 0.3][n % 4], hours: 0.6 + (n % 7) / 10 }];
}));
const codes = [...catalogue.keys()];

const drafts = new Map(Array.from({ length: 30 }, (_unused, n) => [`p-${n}`, {
  id: `p-${n}`, client: `Client & Sons ${n}`, postcode: String(10000 + n * 2999),
  surfaces: Array.from({ length: 90 + ((n * 13) % 50) }, (_unused2, k) => ({
    room: `${ROOMS[k % ROOMS.length]} ${1 + (k % 3)}`, kind: KINDS[(n + k) % 4], width: String(0.6 + ((k * 7) % 50) / 10), height: 0.5 + ((k * 3) % 40) / 10,
    glaze: codes[(n * 17 + k * 5) % codes.length], extras: EXTRAS.filter((_e, e) => (k + e * n) % 3 === 0), note: k % 2 ? `see drawing ${k} of the architect, sheet ${n}` : undefined,
  })),
}]));

function identity(req, res, next) {
  req.id = req.get('x-request-id') ?? randomUUID();
  res.set('x-request-id', req.id);
  next();
}

function locale(req, res, next) {
  req.locale = req.cookies.locale ?? (req.acceptsLanguages('en', 'de') || 'en');
  next();
}

function flags(req, res, next) {
  req.flags = _.mapValues(FLAGS, (flag, name) => _.sumBy([...`${name}${req.ip}`], (c) => c.charCodeAt(0)) % 100 < flag.share);
  next();
}

function project(req, res, next) {
  req.draft = drafts.get(req.params.project);
  if (!req.draft) return res.status(404).json({ error: 'no such project' });
  next();
}

const app = express();
app.get('/alive', (req, res) => res.send('alive'));
app.use(identity, helmet(), cookies(), express.json(), locale, flags);
app.use(morgan('combined', { stream: createWriteStream('access.log') }));

app.get('/projects/:project', project, (req, res) => res.json(read(req.draft)));

app.get('/projects/:project/quote', project, (req, res) => {
  const quote = quoteFor(req.draft, { catalogue, locale: req.locale, vat: req.flags.vat2024 ? 0.2 : 0.19 });
  res.json(req.query.detail === 'full' ? quote : _.omit(quote, ['lines']));
});

app.get('/glazes', (req, res) => {
  const range = String(req.query.range ?? '').toUpperCase();
  res.json([...catalogue.values()].filter((tile) => tile.code.startsWith(range)).slice(0, 50));
});

app.use((error, req, res, next) => {
  if (error.name === 'ZodError') return res.status(422).json({ errors: error.flatten() });
  console.error(req.id, error);
  res.status(500).json({ error: 'internal' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
