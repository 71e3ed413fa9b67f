'use strict';
// Maps of orchards for the growers' tablets, with the blossom expected from the weather station's warmth.
const http = require('node:http');
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const { LRUCache } = require('lru-cache');
const { load, treeView, SORTS } = require('./orchard');

const { blossom, orchards } = load();
const stationAgent = new http.Agent({ keepAlive: true, maxSockets: 20 });
const dayOfYear = 104;

function askStation(orchard) {
  return new Promise((resolve, reject) => {
    http.get({ agent: stationAgent, host: '127.0.0.1', port: process.env.UPSTREAM_PORT, path: `/warmth?altitude=${orchard.altitude}` }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
}

const boundaries = new LRUCache({ max: 8, ttl: 60_000 });

function boundaryOf(orchard) {
  let boundary = boundaries.get(orchard.id);
  if (!boundary) {
    const xs = orchard.trees.map((t) => t.x);
    const ys = orchard.trees.map((t) => t.y);
    boundary = { west: Math.min(...xs) - 2, east: Math.max(...xs) + 2, south: Math.min(...ys) - 2, north: Math.max(...ys) + 2 };
    boundaries.set(orchard.id, boundary);
  }
  return boundary;
}

// Writers of one orchard take turns; the turn is over as soon as the notes are in memory.
const turns = new Map();
function inTurn(id, work) {
  const turn = (turns.get(id) ?? Promise.resolve()).then(work, work);
  turns.set(id, turn.catch(() => {}));
  return turn;
}

const orchardOf = (request) => {
  const orchard = orchards.get(request.params.id);
  if (!orchard) throw Boom.notFound(`no orchard ${request.params.id}`);
  return orchard;
};

async function map(request) {
  const orchard = orchardOf(request);
  const { degreeDays } = await askStation(orchard);
  const trees = orchard.trees.map((tree) => treeView(tree, blossom, degreeDays, dayOfYear));
  if (request.query.detail !== 'full') {
    const perSort = Object.fromEntries(SORTS.map((sort) => [sort, trees.filter((t) => t.sort === sort).length]));
    return { orchard: orchard.name, degreeDays, boundary: boundaryOf(orchard), perSort };
  }
  trees.sort((a, b) => a.sort.localeCompare(b.sort) || b.age - a.age);
  return inTurn(orchard.id, () => ({ orchard: orchard.name, degreeDays, boundary: boundaryOf(orchard), trees }));
}

function tree(request) {
  const found = orchardOf(request).trees.find((t) => t.tree === request.params.tree);
  return found ?? Boom.notFound();
}

async function spray(request) {
  const orchard = orchardOf(request);
  const wanted = new Set(request.payload?.trees ?? []);
  return inTurn(orchard.id, () => {
    const hit = orchard.trees.filter((t) => wanted.has(t.tree));
    for (const t of hit) t.sprayed = true;
    return { sprayed: hit.length };
  });
}

async function main() {
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1', compression: { minBytes: 4096 } });
  server.route([
    { method: 'GET', path: '/orchards', handler: () => [...orchards.values()].map(({ id, name, altitude }) => ({ id, name, altitude })) },
    { method: 'GET', path: '/orchards/{id}/map', handler: map },
    { method: 'GET', path: '/orchards/{id}/trees/{tree}', handler: tree },
    { method: 'POST', path: '/orchards/{id}/spray', handler: spray },
    { method: 'GET', path: '/_up', handler: () => 'up' },
  ]);
  await server.start();
}

main();
