'use strict';
// Depths of a harbour: asked in bundles of all that wait when the last answer came.
const fastify = require('fastify')();
const sonar = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

let pending = new Map();
let asking = false;

async function ask() {
  asking = true;
  while (pending.size) {
    const now = pending;
    pending = new Map();
    const response = await fetch(`${sonar}/depths?berths=${[...now.keys()].join()}`);
    const { metres } = await response.json();
    for (const waiters of now.values()) for (const tell of waiters) tell(metres);
  }
  asking = false;
}

function depth(berth) {
  return new Promise((resolve) => {
    if (!pending.has(berth)) pending.set(berth, []);
    pending.get(berth).push(resolve);
    if (!asking) ask().catch(console.error);
  });
}

fastify.get('/healthz', async () => 'ok');
fastify.get('/berths/:berth', async (request) => {
  const metres = await depth(request.params.berth);
  return { berth: request.params.berth, metres };
});
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
