'use strict';
// Bell towers: what the archive knows about them now. Who asks for the same tower meanwhile shares an answer.
const express = require('express');

const ARCHIVE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const underWay = new Map();
const busy = new Map();
const last = new Map();
const sessions = new Map();
let visits = 0;

async function askArchive(tower) {
  const answer = await fetch(`${ARCHIVE}/${tower}`);
  return answer.json();
}

async function towerOf(tower) {
  if (!underWay.has(tower)) {
    const asked = askArchive(tower).finally(() => underWay.delete(tower));
    underWay.set(tower, asked);
  }
  return underWay.get(tower);
}

async function counted(tower, work) {
  if (!busy.has(tower)) busy.set(tower, { since: Date.now(), count: 0 });
  const entry = busy.get(tower);
  entry.count += 1;
  try {
    return await work();
  } finally {
    entry.count -= 1;
    if (!entry.count) busy.delete(tower);
  }
}

const app = express();
app.get('/up', (req, res) => res.send('up'));
app.use((req, res, next) => {
  const id = req.get('x-session') ?? 'guest';
  const session = sessions.get(id) ?? { id, seen: { first: Date.now(), last: 0 } };
  res.on('finish', () => sessions.set(id, { ...session, seen: { ...session.seen, last: Date.now() } }));
  next();
});
app.get('/towers/:tower', async (req, res) => {
  visits += 1;
  const found = await counted(req.params.tower, () => towerOf(req.params.tower));
  last.set(visits, { tower: req.params.tower, at: Date.now() });
  if (last.size > 50) last.delete(last.keys().next().value);
  res.json({ ...found, visits });
});
app.get('/visits', (req, res) => res.json([...last.values()]));
app.listen(process.env.PORT, '127.0.0.1');
