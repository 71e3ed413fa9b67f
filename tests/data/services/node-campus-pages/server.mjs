// Timetables of a university's faculties, as pages and as data.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import polka from 'polka';
import React from 'react';
import { renderToString } from 'react-dom/server';
import { TimetablePage } from './views.mjs';

const KINDS = ['lecture', 'seminar', 'laboratory', 'exam'];
const TOPICS = ['Algebra', 'Optics', 'Genetics', 'Statistics', 'Mineralogy', 'Mechanics', 'Ecology', 'Numerics', 'Thermodynamics'];

const people = Array.from({ length: 80 }, (_, n) => ({ id: `p${n}`, title: n % 3 ? 'Dr' : 'Prof', name: `${'ABCDEFGHKL'[n % 10]}. ${['Rieder', 'Okoye', 'Lund', 'Sato', 'Weiss & Noll'][n % 5]}` }));
const faculties = new Map([['science', 'Science', 380], ['arts', 'Arts', 60], ['law', 'Law', 35]].map(([id, name, size]) => [id, { id, name, size }]));

function lecturesOf(faculty, week) {
  return Array.from({ length: faculty.size }, (_, n) => {
    const k = n * 37 + week * 11 + faculty.size;
    return {
      id: `${faculty.id}-${n}`,
      code: `${faculty.id.slice(0, 2)}${100 + n}`,
      name: `${TOPICS[k % TOPICS.length]} ${'I'.repeat(1 + (k % 3))}`,
      kind: KINDS[(k >> 2) % 4],
      day: k % 5,
      from: 480 + (k % 20) * 30,
      minutes: 45 + (k % 3) * 45,
      room: `${'NESW'[k % 4]}${100 + (k % 60)}`,
      people: [people[k % 80], ...(k % 3 ? [] : [people[(k + 7) % 80]])],
      size: 20 + (k % 9) * 15,
      taken: Math.min(20 + (k % 9) * 15, 5 + (k % 140)),
    };
  });
}

const locale = {
  lang: 'en',
  time: (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`,
};

function renderPage(faculty, week) {
  const props = { faculty, week, lectures: lecturesOf(faculty, week), locale };
  return `<!doctype html>${renderToString(React.createElement(TimetablePage, props))}`;
}

function send(res, status, type, text) {
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

function weekOf(req) {
  const week = Number(req.query.week ?? 48);
  return Number.isInteger(week) && week > 0 && week < 54 ? week : 48;
}

const site = polka({
  onNoMatch: (req, res) => send(res, 404, 'text/plain', 'no such page'),
  onError: (error, req, res) => send(res, 500, 'text/plain', String(error.message)),
});

site.use('/faculties', (req, res, next) => {
  req.faculty = faculties.get(req.path.split('/')[1]);
  if (req.faculty) next();
  else send(res, 404, 'text/plain', 'no such faculty');
});

site.get('/healthz', (req, res) => res.end('ok'));

site.get('/faculties/:id/timetable', (req, res) => {
  const page = renderPage(req.faculty, weekOf(req));
  const etag = `"${createHash('sha1').update(page).digest('base64url')}"`;
  res.setHeader('etag', etag);
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304).end();
    return;
  }
  send(res, 200, 'text/html; charset=utf-8', page);
});

site.get('/faculties/:id/lectures', (req, res) => {
  send(res, 200, 'application/json', JSON.stringify(lecturesOf(req.faculty, weekOf(req))));
});

createServer(site.handler).listen(Number(process.env.PORT), '127.0.0.1');
