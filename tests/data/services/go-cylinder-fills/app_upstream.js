'use strict';
// Controller of the filling panel: opens valves for a blend and says from which bank it comes.
const { createServer } = require('node:http');
const { setTimeout: wait } = require('node:timers/promises');

createServer(async (req, res) => {
  const wanted = new URL(req.url, 'http://localhost').searchParams;
  await wait(48 + Math.random() * 14);
  const oxygen = Math.round((Number(wanted.get('oxygen')) + Math.random() * 0.4 - 0.2) * 10) / 10;
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ bank: `B${1 + (Number(wanted.get('cylinder')) % 3)}`, oxygen }));
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
