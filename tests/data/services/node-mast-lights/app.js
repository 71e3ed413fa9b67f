'use strict';
// Lights of radio masts: one connection to the control room, questions are numbered.
const net = require('node:net');
const { createInterface } = require('node:readline');
const { createServer } = require('node:http');

const room = net.connect(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
const open = new Map();
let number = 0;
createInterface({ input: room }).on('line', (line) => {
  const [id, state] = line.split(' ');
  open.get(id)?.(state);
  open.delete(id);
});

function ask(mast) {
  return new Promise((resolve) => {
    number += 1;
    open.set(String(number), resolve);
    room.write(`${number} ${mast}\n`);
  });
}

createServer(async (req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  const state = await ask(req.url.slice(1));
  res.setHeader('content-type', 'application/json').end(JSON.stringify({ state }));
}).listen(Number(process.env.PORT), '127.0.0.1');
