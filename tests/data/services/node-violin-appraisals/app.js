'use strict';
// Appraisals of old violins for insurers and auction houses.
const path = require('node:path');
const express = require('express');
const workerpool = require('workerpool');

const scanners = workerpool.pool(path.join(__dirname, 'scanner.js'), { workerType: 'thread' });

const MAKERS = new Map([
  ['Gagliano', { city: 'Napoli', base: 240000, active: [1695, 1790] }],
  ['Testore', { city: 'Milano', base: 130000, active: [1687, 1767] }],
  ['Klotz', { city: 'Mittenwald', base: 28000, active: [1684, 1805] }],
  ['Vuillaume', { city: 'Paris', base: 190000, active: [1820, 1875] }],
  ['Hellmesberger', { city: 'Wien', base: 12000, active: [1840, 1900] }],
]);
const CONDITION = { mint: 1.25, good: 1, fair: 0.72, poor: 0.41 };
const issued = [];

function parseAppraisal(req, res, next) {
  const { maker, year, condition = 'fair', images = [], cracks = 0 } = req.body ?? {};
  if (!MAKERS.has(maker)) return res.status(404).json({ error: `unknown maker ${maker}` });
  if (!Number.isInteger(year) || !(condition in CONDITION) || !Array.isArray(images)) return res.status(422).json({ error: 'bad appraisal' });
  req.instrument = { maker, year, condition, images, cracks };
  return next();
}

function surveyOf({ images, year }) {
  return scanners.exec('dateBelly', [images, year]);
}

function ageBonus(year) {
  return 1 + Math.max(0, (1850 - year) / 400);
}

function plausibility(instrument, survey) {
  const [from, to] = MAKERS.get(instrument.maker).active;
  const doubts = [];
  if (instrument.year < from || instrument.year > to) doubts.push('outside the years of the maker');
  if (survey.youngestRing > instrument.year) doubts.push('wood is younger than the label');
  if (survey.fit < 0.4) doubts.push('rings match no known region');
  return doubts;
}

function valueOf(instrument, doubts) {
  const { base } = MAKERS.get(instrument.maker);
  const repairs = Math.min(0.5, instrument.cracks * 0.06);
  const value = base * CONDITION[instrument.condition] * ageBonus(instrument.year) * (1 - repairs) * 0.6 ** doubts.length;
  return { low: Math.round((value * 0.85) / 500) * 500, high: Math.round((value * 1.15) / 500) * 500 };
}

function premiumFor({ high }, condition) {
  const rate = condition === 'poor' ? 0.011 : 0.0065;
  return Math.round(high * rate);
}

function keep(appraisal) {
  issued.push({ number: appraisal.number, maker: appraisal.maker, high: appraisal.value.high });
  if (issued.length > 50) issued.shift();
}

const app = express();
app.disable('etag');
app.use(express.json({ limit: '32kb' }));

let lastNumber = 7000;

app.post('/appraisals', parseAppraisal, async (req, res, next) => {
  try {
    const { instrument } = req;
    const survey = await surveyOf(instrument);
    const doubts = plausibility(instrument, survey);
    const value = valueOf(instrument, doubts);
    const appraisal = {
      number: `V${(lastNumber += 1)}`,
      maker: `${instrument.maker}, ${MAKERS.get(instrument.maker).city}`,
      survey,
      doubts,
      value,
      premium: premiumFor(value, instrument.condition),
    };
    keep(appraisal);
    res.status(201).json(appraisal);
  } catch (error) {
    next(error);
  }
});

app.get('/appraisals', (_req, res) => res.json(issued));

app.get('/makers/:name', (req, res) => {
  const maker = MAKERS.get(req.params.name);
  if (!maker) return res.sendStatus(404);
  return res.json({ name: req.params.name, ...maker });
});

app.get('/healthz', (_req, res) => res.json({ status: 'ok' }));

app.use((error, _req, res, _next) => res.status(502).json({ error: error.message }));

app.listen(Number(process.env.PORT), '127.0.0.1');
