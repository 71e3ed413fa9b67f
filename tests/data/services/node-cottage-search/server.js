'use strict';
// Holiday cottages: the public search.
const { createHash, createHmac, randomUUID } = require('node:crypto');
const http = require('node:http');
const connect = require('connect');
const { check, present, asV2 } = require('./listing');

const SECRET = 'cottages-2025';
const NAMES = ['old mill', 'shepherd’s rest', 'Châlet Bleu', 'the byre', 'low fold', 'heron cottage', 'tarn view', 'smithy & forge'];
const TAGS = ['dog', 'wifi', 'stove', 'garden', 'lake', 'parking', 'cot', 'sauna', 'hob'];
const WORDS = ['Lovely and quiet', 'A bit damp but "cosy"', 'Perfect for <us> & the children', 'We shall return next year'];

function makeCottage(n) {
  const tags = TAGS.filter((_, at) => (n * (at + 3)) % 5 < 3);
  return {
    id: `LD-${1000 + n}`, region: n % 4 ? 'fells' : 'coast', title: `${NAMES[n % NAMES.length]} ${n}`,
    text: `A **stone-built** cottage for ${2 + (n % 7)} with [views](https://example.org/v/${n}) over the fells, slate floors and a walled garden.  Shops are twelve minutes on foot, the **pub** is nearer; the beck may be heard at night.`,
    sleeps: 2 + (n % 7), rate: 70 + ((n * 13) % 120), at: [54.2 + ((n * 7) % 50) / 100, -3.3 + ((n * 11) % 60) / 100], tags,
    booked: Uint32Array.from({ length: 14 }, (_, i) => Math.imul(n + 1, 2654435761 * (i + 1)) & Math.imul(n + 7, 40503 * (i + 3))),
    photos: ['front', 'kitchen', 'garden'].slice(0, 1 + (n % 3)),
    reviews: Array.from({ length: 6 + (n % 12) }, (_, i) => ({ mark: 2 + ((n + i * 3) % 4), age: (n * 17 + i * 53) % 900, words: WORDS[(n + i) % 4] })),
  };
}

const cottages = Array.from({ length: 320 }, (_, n) => makeCottage(n));
const buckets = new Map();

function requestId(req, res, next) {
  req.id = req.headers['x-request-id'] ?? randomUUID();
  res.setHeader('x-request-id', req.id);
  next();
}

function parseUrl(req, res, next) {
  const url = new URL(req.url, 'http://cottages.example');
  req.path = url.pathname;
  req.query = Object.fromEntries(url.searchParams);
  next();
}

function session(req, res, next) {
  const cookies = Object.fromEntries((req.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('=')));
  const [user, mark] = (cookies.sid ?? 'guest.').split('.');
  const valid = createHmac('sha256', SECRET).update(user).digest('hex') === mark;
  req.user = valid ? user : 'guest';
  next();
}

function locale(req, res, next) {
  const wanted = (req.headers['accept-language'] ?? 'en').split(',').map((part) => part.split(';q=')).sort((a, b) => (b[1] ?? 1) - (a[1] ?? 1));
  req.locale = wanted.map(([tag]) => tag.trim().slice(0, 2)).find((tag) => tag === 'en' || tag === 'de') ?? 'en';
  next();
}

function allowance(req, res, next) {
  const now = Date.now();
  const bucket = buckets.get(req.user) ?? { tokens: 5000, at: now };
  bucket.tokens = Math.min(5000, bucket.tokens + (now - bucket.at) * 5);
  bucket.at = now;
  buckets.set(req.user, bucket);
  if (bucket.tokens-- < 1) return void res.writeHead(429).end();
  next();
}

function answers(req, res, next) {
  res.json = (body, status = 200) => {
    const text = JSON.stringify(body);
    res.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      etag: `"${createHash('sha1').update(text).digest('base64url')}"`,
    });
    res.end(text);
  };
  next();
}

function searchQuery(query) {
  const arrive = Date.parse(query.arrive ?? '2025-06-01');
  const nights = Number(query.nights ?? 7);
  const guests = Number(query.guests ?? 2);
  if (Number.isNaN(arrive) || !(nights > 0 && nights < 29) || !(guests > 0)) return null;
  return { region: query.region, arrive, nights, guests, wishes: (query.wishes ?? 'stove,garden,lake').split(','), today: Date.UTC(2025, 5, 2) };
}

function search(req, res, next) {
  if (req.path !== '/v2/cottages') return next();
  const query = searchQuery(req.query);
  if (!query) return res.json({ error: 'bad query' }, 400);
  const context = { query, locale: req.locale, expires: query.arrive / 1000 };
  const found = cottages.filter((c) => c.region === query.region && c.sleeps >= query.guests && check(c).length === 0)
    .map((cottage) => present(cottage, context))
    .sort((a, b) => b.available - a.available || b.score - a.score);
  res.json(asV2({ count: found.length, results: req.query.fields === 'all' ? found : found.map(({ id, title, price, score }) => ({ id, title, price, score })) }));
}

function one(req, res, next) {
  const [, id] = /^\/v2\/cottages\/([A-Z]{2}-\d+)/.exec(req.path) ?? [];
  const cottage = cottages.find((c) => c.id === id);
  if (!cottage) return next();
  res.json(asV2(present(cottage, { query: searchQuery({}), locale: req.locale, expires: 0 })));
}

const app = connect();
app.use('/healthz', (req, res) => res.end('ok'));
for (const layer of [requestId, parseUrl, session, locale, answers, allowance, search, one]) app.use(layer);
app.use((req, res) => res.json({ error: 'not found' }, 404));

http.createServer(app).listen(Number(process.env.PORT), '127.0.0.1');
