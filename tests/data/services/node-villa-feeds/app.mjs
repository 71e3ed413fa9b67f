// Feeds of holiday villas for the partner sites.
import express from 'express';
import * as step from './pipeline.mjs';
import { villas } from './villas.mjs';

const app = express();

app.use((req, res, next) => {
  const begun = performance.now();
  res.on('finish', () => {
    if (performance.now() - begun > 5000) console.warn(req.method, req.originalUrl, 'took long');
  });
  next();
});

function prepared(villa, lang) {
  let listing = step.withDefaults(villa);
  listing = step.validated(listing);
  if (!listing.publishable) return null;
  listing = step.slugged(listing);
  listing = step.cleaned(listing);
  listing = step.located(listing);
  listing = step.priced(listing);
  listing = step.worded(listing, lang);
  listing = step.pictured(listing);
  return step.amenitiesSorted(listing);
}

function feed(region, lang) {
  const listings = villas.filter((villa) => villa.region === region).map((villa) => prepared(villa, lang)).filter(Boolean);
  return listings.map((listing) => ({
    ...step.snakeCased(listing),
    fingerprint: step.fingerprint(listing),
    xml: step.asXml(listing),
  }));
}

app.get('/healthz', (req, res) => res.send('ok'));

app.get('/feeds/:region', (req, res) => {
  const lang = req.query.lang === 'fr' ? 'fr' : 'en';
  const entries = feed(req.params.region, lang);
  if (entries.length === 0) {
    res.status(404).json({ error: 'no such region' });
    return;
  }
  res.json({ region: req.params.region, lang, count: entries.length, entries });
});

app.get('/villas/:id', (req, res) => {
  const villa = villas.find((v) => v.id === req.params.id);
  if (villa) res.json(prepared(villa, 'en'));
  else res.status(404).json({ error: 'no such villa' });
});

app.get('/regions', (req, res) => {
  const counts = {};
  for (const { region } of villas) counts[region] = (counts[region] ?? 0) + 1;
  res.json(counts);
});

app.listen(Number(process.env.PORT), '127.0.0.1');
