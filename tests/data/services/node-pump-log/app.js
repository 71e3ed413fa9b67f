'use strict';
// Pressures of pumps: each reading is on the disk before it counts.
const fs = require('node:fs');
const http = require('node:http');

const file = fs.openSync('readings.log', 'a');
const pending = [];
let writing = false;

function writeNext() {
  const next = pending.shift();
  if (!next) {
    writing = false;
    return;
  }
  writing = true;
  fs.write(file, next.line, (failed) => {
    if (failed) return settle(next, failed);
    fs.fsync(file, (error) => settle(next, error));
  });
}

function settle({ resolve, reject }, error) {
  if (error) reject(error);
  else resolve();
  writeNext();
}

function keep(reading) {
  return new Promise((resolve, reject) => {
    pending.push({ line: `${JSON.stringify(reading)}\n`, resolve, reject });
    if (!writing) writeNext();
  });
}

async function bodyOf(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return JSON.parse(text);
}

async function take(req) {
  const { pump, bars } = await bodyOf(req);
  let highest = 0;
  for (const bar of bars) {
    await keep({ pump, bar, at: Date.now() });
    highest = Math.max(highest, bar);
  }
  return { kept: bars.length, highest };
}

http.createServer(async (req, res) => {
  if (req.url === '/up') return res.end('up');
  if (req.method !== 'POST') return res.writeHead(404).end();
  const answer = await take(req);
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(answer));
}).listen(Number(process.env.PORT), '127.0.0.1');
