'use strict';
// Notes of a mill: what is asked is written into a journal beside, in turn.
const fastify = require('fastify')();
const { Mutex } = require('async-mutex');
const { setTimeout: pause } = require('node:timers/promises');

const upstream = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const journal = new Mutex();
let lines = 0, waiting = 0;

function remember(text) {
  if (waiting > 20) return;
  waiting += 1;
  journal.runExclusive(async () => {
    await pause(25);
    lines += text.length;
    waiting -= 1;
  });
}

async function grain(kind) {
  const answer = await fetch(`${upstream}/grain/${kind}`);
  return answer.json();
}

fastify.get('/healthz', async () => 'ok');
fastify.get('/grain/:kind', async (request) => {
  remember(request.params.kind);
  const { tonnes } = await grain(request.params.kind);
  return { kind: request.params.kind, tonnes };
});
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
