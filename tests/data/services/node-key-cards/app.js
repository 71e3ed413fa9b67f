'use strict';
// Key cards of hotel rooms. The encoder's library is an old one that blocks, so two threads talk to it.
const http = require('node:http');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

if (!isMainThread) {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  parentPort.on('message', (room) => {
    Atomics.wait(bell, 0, 0, 75); // until the encoder has turned the card
    parentPort.postMessage({ room, card: `K-${room}-${room.length * 17}` });
  });
} else {
  class Encoders {
    constructor(count) {
      this.free = Array.from({ length: count }, () => new Worker(__filename));
      this.waiting = [];
    }

    encode(room) {
      return new Promise((resolve) => {
        this.waiting.push({ room, resolve });
        this.next();
      });
    }

    next() {
      if (!this.free.length || !this.waiting.length) return;
      const worker = this.free.pop();
      const { room, resolve } = this.waiting.shift();
      worker.once('message', (card) => {
        this.free.push(worker);
        resolve(card);
        this.next();
      });
      worker.postMessage(room);
    }
  }

  const encoders = new Encoders(2);

  const cardFor = async (room) => ({ ...(await encoders.encode(room)), at: Date.now() });

  http.createServer(async (req, res) => {
    const url = new URL(req.url, 'http://localhost');
    if (url.pathname === '/healthz') return res.end('ok');
    res.setHeader('content-type', 'application/json');
    return res.end(JSON.stringify(await cardFor(url.searchParams.get('room'))));
  }).listen(Number(process.env.PORT), '127.0.0.1');
}
