'use strict';
// Luggage desk: reports of missing pieces, and where they were seen since.
const express = require('express');
const reports = require('./reports');

const OPEN_DAYS = 21;

function stateOf(report, seen) {
  if (report.closed_at) return 'delivered';
  if (seen.length) return 'traced';
  const days = (Date.now() - report.filed_at.getTime()) / 86_400_000;
  return days > OPEN_DAYS ? 'lost' : 'searching';
}

function shown(report, seen) {
  return {
    reference: report.reference,
    flight: report.flight,
    piece: { kind: report.kind, description: report.description },
    filed: report.filed_at.toISOString().slice(0, 10),
    from: report.city,
    state: stateOf(report, seen),
    seen: seen.map((s) => ({ at: s.seen_at, airport: s.airport, note: s.note })),
  };
}

function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], []);
    groups.get(row[key]).push(row);
  }
  return groups;
}

const app = express();
app.disable('x-powered-by');
app.use(express.json());

app.get('/health', (req, res) => res.json({ ok: true }));

app.get('/travellers/:email/reports', async (req, res) => {
  const found = await reports.ofTraveller(req.params.email.trim());
  const seen = grouped(await reports.sightings(found.map((r) => r.id)), 'report_id');
  res.json({ traveller: req.params.email, reports: found.map((r) => shown(r, seen.get(r.id) ?? [])) });
});

app.get('/reports/:reference', async (req, res) => {
  const report = await reports.byReference(req.params.reference.toUpperCase());
  if (!report) return res.status(404).json({ error: 'no such report' });
  res.json(shown(report, await reports.sightings([report.id])));
});

app.get('/airports/:code/open', async (req, res) => {
  const rows = await reports.openAt(req.params.code.toUpperCase(), Math.min(100, Number(req.query.limit) || 20));
  res.json(rows.map((r) => ({ reference: r.reference, flight: r.flight, kind: r.kind, filed: r.filed_at })));
});

app.post('/reports/:reference/sightings', async (req, res) => {
  const { airport, note } = req.body ?? {};
  if (!/^[A-Z]{3}$/.test(airport ?? '')) return res.status(422).json({ error: 'airport' });
  const report = await reports.byReference(req.params.reference.toUpperCase());
  if (!report) return res.status(404).json({ error: 'no such report' });
  await reports.addSighting(report.id, airport, String(note ?? '').slice(0, 200));
  res.status(201).json({ reference: report.reference });
});

app.use((error, req, res, next) => {
  console.error(error);
  res.status(500).json({ error: 'internal' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
