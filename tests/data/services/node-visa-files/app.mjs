// Visa desk: checks an application against the registers of the ministry before it is accepted.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import express from 'express';
import axios from 'axios';

const registers = axios.create({
  baseURL: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`,
  timeout: 8000,
  httpAgent: new http.Agent({ keepAlive: true, maxSockets: 60 }),
});

const PURPOSES = { study: ['enrolment', 'means', 'housing'], work: ['contract', 'means'], visit: ['invitation', 'return ticket'] };
const CHECK_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

class Application {
  constructor({ passport, country, purpose, pages }) {
    this.passport = String(passport ?? '').toUpperCase();
    this.country = String(country ?? '').toUpperCase();
    this.purpose = purpose;
    this.pages = Array.from({ length: Math.min(40, Number(pages) || 1) }, (_, n) => ({
      number: n + 1,
      kind: n === 0 ? 'form' : PURPOSES[purpose]?.[n % PURPOSES[purpose].length] ?? 'other',
      boxes: Array.from({ length: 30 }, (_, box) => ({ x: 40 + (box % 5) * 110, y: 60 + box * 22, w: 100, h: 18, filled: (n + box) % 3 > 0 })),
    }));
  }

  problems() {
    const found = [];
    if (!/^[A-Z0-9]{9}$/.test(this.passport)) found.push('passport number');
    if (!/^[A-Z]{2}$/.test(this.country)) found.push('country');
    if (!PURPOSES[this.purpose]) found.push('purpose');
    return found;
  }

  emptyBoxes() {
    return this.pages.reduce((sum, page) => sum + page.boxes.filter((box) => !box.filled).length, 0);
  }
}

function checkDigit(number) {
  const weights = [7, 3, 1];
  return [...number].reduce((sum, c, n) => sum + CHECK_DIGITS.indexOf(c) * weights[n % 3], 0) % 10;
}

// The ministry wants to see on each call for which file it is made.
function identify(req, res, next) {
  const file = { id: req.get('x-file') ?? randomUUID(), desk: req.get('x-desk') ?? 'web', application: req.application };
  registers.interceptors.request.use((config) => {
    config.headers['X-File'] = file.id;
    config.headers['X-Desk'] = file.desk;
    if (file.application) config.headers['X-Country'] = file.application.country;
    return config;
  });
  res.set('x-file', file.id);
  next();
}

function parseApplication(req, res, next) {
  const application = new Application(req.body ?? {});
  const problems = application.problems();
  if (problems.length) return res.status(422).json({ problems });
  req.application = application;
  next();
}

const ask = async (path, params) => (await registers.get(path, { params })).data;

async function verdict(application) {
  const { passport, country, purpose } = application;
  const [document, lists, fees] = await Promise.all([
    ask('/passports', { number: passport, digit: checkDigit(passport) }),
    ask('/lists', { number: passport, country }),
    ask('/fees', { country, purpose }),
  ]);
  const missing = application.emptyBoxes();
  return {
    accepted: document.valid && lists.hits.length === 0,
    passportUntil: document.expires,
    fee: fees.amount,
    currency: fees.currency,
    papers: PURPOSES[purpose],
    remarks: missing ? [`${missing} boxes are empty`] : [],
  };
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '50kb' }));

app.get('/healthz', (req, res) => res.json({ status: 'ok' }));

app.get('/purposes', (req, res) => res.json(PURPOSES));

app.post('/applications/check', parseApplication, identify, async (req, res, next) => {
  try {
    res.json(await verdict(req.application));
  } catch (error) {
    next(error);
  }
});

app.get('/fees/:country/:purpose', identify, async (req, res, next) => {
  try {
    res.json(await ask('/fees', { country: req.params.country, purpose: req.params.purpose }));
  } catch (error) {
    next(error);
  }
});

app.use((error, req, res, next) => {
  res.status(error.response?.status ?? 502).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
