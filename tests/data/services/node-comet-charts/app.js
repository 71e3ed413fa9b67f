'use strict';
// Comet charts: who asks while a chart is being made gets the same one.
const express = require('express');
const observatory = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const under = new Map();

async function fetched(comet) {
  const response = await fetch(`${observatory}/comets/${comet}`);
  return response.json();
}

function chart(comet) {
  if (!under.has(comet)) under.set(comet, fetched(comet).finally(() => under.delete(comet)));
  return under.get(comet);
}

const app = express();
app.get('/healthz', (req, res) => res.send('ok'));
app.get('/comets/:comet', async (req, res, next) => {
  try {
    const { magnitude } = await chart(req.params.comet);
    res.json({ comet: req.params.comet, magnitude });
  } catch (error) {
    next(error);
  }
});
app.listen(Number(process.env.PORT), '127.0.0.1');
