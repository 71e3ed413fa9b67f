'use strict';
// Cinema chain: the programme of a cinema, with what is nearly sold out.
const { appendFile } = require('node:fs/promises');
const { createHash, scryptSync } = require('node:crypto');
const Fastify = require('fastify');
const { LRUCache } = require('lru-cache');
const { Store } = require('./store');

const TICKETS = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const RATINGS = { 0: 'all ages', 6: 'from 6', 12: 'from 12', 16: 'from 16' };
const VISITS = 'visits.log';

const store = new Store(process.env.DATABASE_URL);
const films = new LRUCache({ max: 300, ttl: 60_000 });
const occupancies = new LRUCache({ max: 100, ttl: 1500, fetchMethod: occupancyOf });
const linkKey = scryptSync('programme-links', 'v3', 32, { N: 2 ** 14 });
let tail = Promise.resolve();
let visits = [];

async function occupancyOf(cinema) {
  const answer = await fetch(`${TICKETS}/occupancy/${cinema}`);
  return answer.ok ? answer.json() : {};
}

async function filmsOf(ids) {
  const missing = ids.filter((id) => !films.has(id));
  if (missing.length) for (const film of await store.films(missing)) films.set(film.id, film);
  return new Map(ids.map((id) => [id, films.get(id)]));
}

// one writer at a time, so that lines stay whole
function serialized(work) {
  const done = tail.then(work);
  tail = done.catch((error) => console.error(error.message));
  return done;
}

function noteVisit(cinema) {
  visits.push(`${Date.now()} ${cinema}\n`);
}

function endsAt(startsAt, minutes) {
  const end = new Date(`${startsAt}Z`);
  end.setUTCMinutes(end.getUTCMinutes() + minutes + 15);
  return end.toISOString().slice(11, 16);
}

function bookingLink(id) {
  return `/book/${id}?k=${createHash('sha256').update(linkKey).update(String(id)).digest('base64url').slice(0, 16)}`;
}

function slot(screening, film, full) {
  const { id, hall, starts_at: startsAt, language, price } = screening;
  const taken = full[hall] ?? 0;
  return {
    id, hall, language, price: Number(price), starts: startsAt.slice(11, 16), ends: endsAt(startsAt, film.minutes),
    state: taken > 95 ? 'sold out' : taken > 80 ? 'few seats' : 'free', link: bookingLink(id),
  };
}

function byDay(screenings, known, full) {
  const days = {};
  for (const screening of screenings) {
    const film = known.get(screening.film_id);
    const day = (days[screening.starts_at.slice(0, 10)] ??= {});
    const entry = (day[film.title] ??= { rating: RATINGS[film.rating], minutes: film.minutes, synopsis: film.synopsis, slots: [] });
    entry.slots.push(slot(screening, film, full));
  }
  return days;
}

const app = Fastify();

app.get('/healthz', async () => ({ ok: true }));

app.get('/cinemas/:cinema/programme', async (request, reply) => {
  const cinema = Number(request.params.cinema);
  const days = Math.min(14, Number(request.query.days) || 1);
  const { from } = request.query;
  if (!Number.isInteger(cinema) || !/^\d{4}-\d\d-\d\d$/.test(from ?? '')) return reply.code(400).send({ error: 'cinema or from' });
  const [screenings, full] = await Promise.all([store.screenings(cinema, from, days), occupancies.fetch(cinema)]);
  const known = await filmsOf([...new Set(screenings.map((s) => s.film_id))]);
  noteVisit(cinema);
  return { cinema, from, screenings: screenings.length, days: byDay(screenings, known, full ?? {}) };
});

app.get('/films/:film/showings', async (request) => store.showings(Number(request.params.film), request.query.from ?? '2024-09-01'));

async function start() {
  for (let cinema = 0; cinema < 60; cinema++) {
    await filmsOf([...new Set((await store.screenings(cinema, '2024-09-01', 1)).map((s) => s.film_id))].slice(0, 20));
  }
  setInterval(() => {
    const lines = visits.splice(0).join('');
    if (lines) serialized(() => appendFile(VISITS, lines));
  }, 500).unref();
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
}

start();
