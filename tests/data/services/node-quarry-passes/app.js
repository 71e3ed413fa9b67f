'use strict';
// Lorry passes of a quarry.
const express = require('express');
const pgp = require('pg-promise')();
const db = pgp({ connectionString: process.env.DATABASE_URL, max: 3 });
const tolls = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

async function priceOf(plate) {
  const response = await fetch(`${tolls}/plates/${plate}`);
  return (await response.json()).cents;
}

function issue(plate, tonnes) {
  return db.task(async (t) => {
    const lorry = await t.one('SELECT id, axles FROM lorries WHERE plate = $1', [plate]);
    const cents = await priceOf(plate);
    return t.one('INSERT INTO passes (lorry_id, tonnes, cents) VALUES ($1, $2, $3) RETURNING id, cents', [lorry.id, tonnes, cents * lorry.axles]);
  });
}

const app = express();
app.use(express.json());
app.get('/healthz', (req, res) => res.send('ok'));
app.post('/passes', (req, res, next) => {
  issue(req.body.plate, req.body.tonnes).then((pass) => res.status(201).json(pass), next);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
