'use strict';
// Radiology viewer: what the workstation shows before the films themselves are loaded.
const express = require('express');
const { ArchiveClient } = require('./archive-client');

const archive = new ArchiveClient(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`);
const MODALITIES = { CR: 'computed radiography', DX: 'digital radiography', CT: 'tomography' };
const DOSE_LIMITS = { hand: 12, knee: 20, chest: 30 };
const opened = new Map();

const newestFirst = (a, b) => b.taken.localeCompare(a.taken) || a.uid.localeCompare(b.uid);

function dose(series) {
  return series.reduce((sum, s) => sum + (s.kvp * s.kvp * s.uas * s.films) / 1e7, 0);
}

function summary(study, series) {
  const total = dose(series);
  return {
    uid: study.uid,
    modality: MODALITIES[study.modality] ?? study.modality,
    part: study.part,
    taken: study.taken,
    films: series.reduce((sum, s) => sum + s.films, 0),
    dose: total.toFixed(2),
    aboveLimit: total > (DOSE_LIMITS[study.part] ?? 25),
  };
}

function noteOpened(patient) {
  opened.set(patient, { at: Date.now(), times: (opened.get(patient)?.times ?? 0) + 1 });
  if (opened.size > 5000) opened.delete(opened.keys().next().value);
}

const app = express();
app.disable('x-powered-by');

app.param('patient', (req, res, next, patient) => {
  if (/^\d{1,8}$/.test(patient)) return next();
  res.status(400).json({ error: 'patient number' });
});

app.get('/live', (req, res) => res.send('ok'));

app.get('/patients/:patient/latest', async (req, res, next) => {
  try {
    const studies = await archive.studies(req.params.patient);
    if (!studies?.length) return res.status(404).json({ error: 'no studies' });
    const [latest] = studies.sort(newestFirst);
    const series = await archive.series(latest.uid);
    noteOpened(req.params.patient);
    res.json(summary(latest, series ?? []));
  } catch (error) {
    next(error);
  }
});

app.get('/patients/:patient/studies', async (req, res, next) => {
  try {
    const studies = await archive.studies(req.params.patient);
    const { part } = req.query;
    res.json((studies ?? []).filter((s) => !part || s.part === part).sort(newestFirst));
  } catch (error) {
    next(error);
  }
});

app.get('/opened', (req, res) => {
  const recent = [...opened].sort(([, a], [, b]) => b.at - a.at).slice(0, 20);
  res.json(recent.map(([patient, { at, times }]) => ({ patient, at: new Date(at), times })));
});

app.use((error, req, res, next) => {
  res.status(502).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
