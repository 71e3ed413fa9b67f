'use strict';
// The sheet that a guide takes along: weather, huts, trains and avalanches.
const http = require('node:http');

async function fetched(path) {
  const answer = await fetch(`http://127.0.0.1:${process.env.UPSTREAM_PORT}${path}`);
  return answer.json();
}

const weather = (trip) => fetched(`/weather/${trip}`);
const huts = (trip) => fetched(`/huts/${trip}`);
const trains = (trip) => fetched(`/trains/${trip}`);
const avalanches = (trip) => fetched(`/avalanches/${trip}`);

async function sheet(trip) {
  const sky = await weather(trip);
  const beds = await huts(trip);
  const ways = await trains(trip);
  const danger = await avalanches(trip);
  return { trip, sky, beds, ways, danger };
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  res.setHeader('content-type', 'application/json');
  return res.end(JSON.stringify(await sheet(url.searchParams.get('trip'))));
}).listen(Number(process.env.PORT), '127.0.0.1');
