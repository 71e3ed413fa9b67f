'use strict';
// Orders for a kiln, numbered in the order in which they came.
const { appendFile } = require('node:fs/promises');
const express = require('express');

const PLANNER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
let number = 0;
let before = Promise.resolve();

async function place({ pots }) {
  const answer = await fetch(`${PLANNER}/slots?pots=${pots}`);
  const { slot } = await answer.json();
  number += 1;
  await appendFile('orders.log', `${number}\t${pots}\t${slot}\n`);
  return { number, slot };
}

function inTurn(work) {
  const done = before.then(work);
  before = done.catch(() => {});
  return done;
}

const app = express();
app.use(express.json());
app.get('/up', (req, res) => res.send('up'));
app.post('/orders', (req, res, next) => {
  inTurn(() => place(req.body)).then((order) => res.json(order), next);
});
app.listen(process.env.PORT, '127.0.0.1');
