const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const app = express();

async function stockOf(jar) {
  const { rows } = await pool.query('SELECT sum(grams) AS grams FROM stock WHERE jar_id = $1', [jar.id]);
  return { label: jar.label, grams: Number(rows[0].grams) };
}

async function pantry(id) {
  const { rows } = await pool.query('SELECT id, label FROM jars WHERE pantry = $1 ORDER BY label', [id]);
  return Promise.all(rows.map(stockOf));
}

app.get('/healthz', (req, res) => res.json({ ok: true }));
app.get('/pantries/:id', async (req, res, next) => {
  try {
    res.json(await pantry(Number(req.params.id)));
  } catch (error) {
    next(error);
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1');
