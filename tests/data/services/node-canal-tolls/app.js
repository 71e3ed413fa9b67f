const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
const upstream = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const app = express();

async function tariff(length) {
  const answer = await fetch(`${upstream}/tariff?length=${length}`);
  return answer.json();
}

async function toll(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT id, name, length_cm FROM boats WHERE id = $1', [id]);
    const { perMetre } = await tariff(rows[0].length_cm);
    const pence = Math.round((rows[0].length_cm / 100) * perMetre);
    await client.query('INSERT INTO passages (boat_id, pence) VALUES ($1, $2)', [id, pence]);
    await client.query('COMMIT');
    return { boat: rows[0].name, pence };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

app.get('/healthz', (req, res) => res.json({ ok: true }));

app.get('/tolls/:id', async (req, res, next) => {
  try {
    res.json(await toll(Number(req.params.id)));
  } catch (error) {
    next(error);
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1');
