'use strict';
// Gates of weirs: two radio terminals talk to them.
const fastify = require('fastify')();
const mast = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

class Terminals {
  #free = ['north', 'south'];
  #callers = [];

  async with(work) {
    const terminal = this.#free.pop() ?? (await new Promise((resolve) => this.#callers.push(resolve)));
    try {
      return await work(terminal);
    } finally {
      const caller = this.#callers.shift();
      if (caller) caller(terminal);
      else this.#free.push(terminal);
    }
  }
}

const terminals = new Terminals();

async function opening(gate) {
  return terminals.with(async (terminal) => {
    const answer = await fetch(`${mast}/${terminal}/gates/${gate}`);
    const { percent } = await answer.json();
    return percent;
  });
}

fastify.get('/healthz', async () => 'ok');
fastify.get('/gates/:gate', async (request) => ({ gate: request.params.gate, percent: await opening(request.params.gate) }));
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
