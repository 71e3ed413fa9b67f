const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();

const one = async (text, values) => (await pool.query(text, values)).rows[0];
const all = async (text, values) => (await pool.query(text, values)).rows;

async function board(id) {
  const room = await one('SELECT id, name FROM rooms WHERE id = $1', [id]);
  const tables = await all('SELECT id, seats FROM tables WHERE room_id = $1', [id]);
  const week = [];
  for (let day = 0; day < 7; day += 1) {
    week.push(await one('SELECT opens, closes FROM hours WHERE room_id = $1 AND weekday = $2', [id, day]));
  }
  const notices = await all('SELECT body FROM notices WHERE room_id = $1 ORDER BY id DESC LIMIT 5', [id]);
  const tea = await one('SELECT name, pence FROM teas WHERE id = $1', [1 + (id % 40)]);
  return { room, tables, week, notices, tea };
}

app.get('/healthz', (req, res) => res.json({ ok: true }));
app.get('/rooms/:id/board', (req, res, next) => {
  board(Number(req.params.id)).then((body) => res.json(body), next);
});

app.listen(Number(process.env.PORT), '127.0.0.1');
