'use strict';
// Which boats are free on a day: asked from the harbour's ledger, over lines that are kept open.
const http = require('node:http');
const net = require('node:net');

class Line {
  constructor(port) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('data', (data) => this.answer?.(data.toString()));
  }

  ask(text) {
    return new Promise((resolve) => {
      this.answer = resolve;
      this.socket.write(`${text}\n`);
    });
  }
}

class LinePool {
  constructor(size) {
    this.idle = Array.from({ length: size }, () => new Line(Number(process.env.UPSTREAM_PORT)));
    this.waiters = [];
  }

  acquire() {
    const line = this.idle.pop();
    if (line) return Promise.resolve(line);
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  release(line) {
    const next = this.waiters.shift();
    if (next) next(line);
    else this.idle.push(line);
  }
}

const lines = new LinePool(2);

async function withLine(work) {
  const line = await lines.acquire();
  try {
    return await work(line);
  } finally {
    lines.release(line);
  }
}

async function availability(day) {
  const free = await withLine((line) => line.ask(`free ${day}`));
  return { day, free: free.trim().split(',') };
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(await availability(url.searchParams.get('day'))));
}).listen(Number(process.env.PORT), '127.0.0.1');
