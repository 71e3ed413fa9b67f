'use strict';
// Looms of a weaving mill: who books one asks the floor for its state.
const express = require('express');
const pRetry = (work) => work().catch(work);
const { Mutex, withTimeout } = require('async-mutex');

const floor = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const desk = withTimeout(new Mutex(), 5000);
const booked = new Map();

async function state(loom) {
  const answer = await fetch(`${floor}/looms/${loom}`);
  return answer.json();
}

async function book(loom, weaver) {
  const leave = await desk.acquire();
  try {
    const { warp } = await pRetry(() => state(loom));
    booked.set(`${loom}/${warp}`, weaver);
    return { loom, weaver, warp };
  } finally {
    leave();
  }
}

const asked = (handler) => (req, res, next) => handler(req).then((body) => res.json(body), next);

const app = express();
app.use(express.json());
app.get('/healthz', (req, res) => res.send('ok'));
app.post('/looms/:loom/bookings', asked((req) => book(req.params.loom, req.body.weaver)));
app.listen(Number(process.env.PORT), '127.0.0.1');
