'use strict';
// Customs control at a parcel hub: declared parcels are looked through on the belt and passed or set aside.
const os = require('node:os');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const express = require('express');

const SCANNERS = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const DUTY_FREE = 150;
const OUTSIDE = new Set(['OSL', 'ZRH', 'LHR', 'IST']);

/** Picture work is done by threads of their own, one parcel each, so that the belts' API stays quick. */
class InspectorPool {
  constructor(size, workerData) {
    this.idle = [];
    this.waiting = [];
    this.calls = new Map();
    this.lastId = 0;
    for (let n = 0; n < size; n++) this.#spawn(workerData);
  }

  #spawn(workerData) {
    const worker = new Worker(path.join(__dirname, 'inspector.js'), { workerData });
    worker.on('message', ({ id, result, error }) => {
      const call = this.calls.get(id);
      this.calls.delete(id);
      if (error) call.reject(new Error(error));
      else call.resolve(result);
      this.#next(worker);
    });
    this.idle.push(worker);
  }

  #next(worker) {
    const call = this.waiting.shift();
    if (call) this.#give(worker, call);
    else this.idle.push(worker);
  }

  #give(worker, call) {
    const id = ++this.lastId;
    this.calls.set(id, call);
    worker.postMessage({ id, task: call.task });
  }

  run(task) {
    return new Promise((resolve, reject) => {
      const call = { task, resolve, reject };
      const worker = this.idle.pop();
      if (worker) this.#give(worker, call);
      else this.waiting.push(call);
    });
  }
}

const inspectors = new InspectorPool(os.availableParallelism(), { scanners: SCANNERS });
const belts = new Map(Array.from({ length: 6 }, (_, n) => [n + 1, { belt: n + 1, seen: 0, aside: 0, last: [] }]));

function declared(body) {
  const { parcel, grams, from, to, value } = body ?? {};
  if (typeof parcel !== 'string' || !(grams > 0)) throw Object.assign(new Error('parcel and grams are needed'), { status: 422 });
  return { parcel, grams, from: String(from).toUpperCase(), to: String(to).toUpperCase(), value: Number(value) || 0 };
}

function decide(parcel, picture) {
  const reasons = [];
  if (picture.opaque) reasons.push('opaque');
  if (picture.spots.length > 10) reasons.push('dense objects');
  const duty = OUTSIDE.has(parcel.from) !== OUTSIDE.has(parcel.to) && parcel.value > DUTY_FREE;
  if (duty) reasons.push('duty');
  return { parcel: parcel.parcel, pass: reasons.length === 0, reasons };
}

function record(belt, decision) {
  belt.seen++;
  if (!decision.pass) belt.aside++;
  belt.last.push(decision);
  if (belt.last.length > 20) belt.last.shift();
}

const app = express();
app.use(express.json({ type: () => true }));

app.param('belt', (req, res, next, id) => {
  req.belt = belts.get(Number(id));
  next(req.belt ? undefined : Object.assign(new Error('no such belt'), { status: 404 }));
});

app.post('/belts/:belt/parcels', async (req, res, next) => {
  try {
    const parcel = declared(req.body);
    const picture = await inspectors.run({ belt: req.belt.belt, parcel: parcel.parcel, grams: parcel.grams });
    const decision = decide(parcel, picture);
    record(req.belt, decision);
    res.status(201).json({ ...decision, mean: picture.mean, spots: picture.spots });
  } catch (error) {
    next(error);
  }
});

app.get('/belts/:belt', (req, res) => res.json(req.belt));
app.get('/belts', (req, res) => res.json([...belts.values()].map(({ belt, seen, aside }) => ({ belt, seen, aside }))));
app.get('/ping', (req, res) => res.send('pong'));
app.use((error, req, res, next) => res.status(error.status ?? 502).json({ error: error.message }));

app.listen(Number(process.env.PORT), '127.0.0.1');
