'use strict';
// Stamps for letters: workers sign them with the key service behind; two are enough, it was thought.
const http = require('node:http');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const MOST = 2;
const idle = [];
const waiting = [];
let made = 0;

function give(worker, task) {
  worker.once('message', (answer) => {
    task.done(answer);
    const next = waiting.shift();
    if (next) give(worker, next);
    else idle.push(worker);
  });
  worker.postMessage(task.letter);
}

function begin() {
  if (made >= MOST) return null;
  made += 1;
  return new Worker(path.join(__dirname, 'worker.js'));
}

function sign(letter, done) {
  const task = { letter, done };
  const worker = idle.pop() ?? begin();
  if (worker) give(worker, task);
  else waiting.push(task);
}

http.createServer((req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  return sign({ id: Number(req.url.split('/')[2]) }, (stamp) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(stamp));
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
