'use strict';
// Repair depots: tickets of the things that people bring to be mended.
const express = require('express');
const { sheet } = require('./sheet.cjs');

const NOW = Date.UTC(2025, 4, 20, 9);
const MAKERS = ['Bernina', 'Jura', 'Dualit', 'Miele', 'Revox'];
const LOCALES = new Set(['de-CH', 'en-GB', 'fr-CH', 'fi-FI', 'pt-PT']);

const depots = new Map([[1, 'Zurich West', 'CHF'], [2, 'Alfama', 'EUR'], [3, 'Kallio', 'EUR'], [4, 'Liberties', 'EUR']]
  .map(([id, name, currency]) => [id, { id, name, currency }]));

function makeTickets(depot, count) {
  return Array.from({ length: count }, (_, n) => ({
    id: depot * 10_000 + n,
    depot,
    maker: MAKERS[n % MAKERS.length],
    model: String(100 + ((n * 37) % 800)),
    received: NOW - ((n * 7919) % 2_400) * 3_600_000 - n * 61_000,
    step: (n * 13 + depot) % 5,
    cents: 1_500 + ((n * 271) % 24_000),
    express: n % 11 === 0,
  }));
}

const tickets = new Map([...depots.keys()].map((id) => [id, makeTickets(id, 340)]));

function depotParam(req, res, next, value) {
  req.depot = depots.get(Number(value));
  if (req.depot) return next();
  res.status(404).json({ error: `no depot ${value}` });
}

function localeOf(req) {
  const asked = req.query.locale ?? req.acceptsLanguages([...LOCALES]);
  return LOCALES.has(asked) ? asked : 'en-GB';
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '20kb' }));
app.param('depot', depotParam);

app.get('/depots', (req, res) => res.json([...depots.values()]));

app.get('/depots/:depot/sheet', (req, res) => {
  res.json(sheet(req.depot, tickets.get(req.depot.id), localeOf(req), NOW));
});

app.get('/depots/:depot/tickets/:ticket', (req, res) => {
  const found = tickets.get(req.depot.id).find((ticket) => ticket.id === Number(req.params.ticket));
  return found ? res.json(found) : res.status(404).json({ error: 'no such ticket' });
});

app.post('/depots/:depot/tickets/:ticket/step', (req, res) => {
  const found = tickets.get(req.depot.id).find((ticket) => ticket.id === Number(req.params.ticket));
  if (!found) return res.status(404).json({ error: 'no such ticket' });
  if (!Number.isInteger(req.body.step) || req.body.step < 0 || req.body.step > 4) return res.status(422).json({ error: 'step' });
  found.step = req.body.step;
  return res.json(found);
});

app.get('/healthz', (req, res) => res.send('ok'));

app.listen(Number(process.env.PORT), '127.0.0.1');
