'use strict';
// Orders of a rope works: each order draws from the yarn that is left.
const fastify = require('fastify')();
const store = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

class YarnBook {
  #last = Promise.resolve();
  #left = new Map([['hemp', 1e9], ['sisal', 1e9], ['nylon', 1e9]]);

  inOrder(work) {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async draw(kind, metres) {
    return this.inOrder(async () => {
      const answer = await fetch(`${store}/yarn/${kind}`);
      const { delivered } = await answer.json();
      const left = this.#left.get(kind) + delivered - metres;
      this.#left.set(kind, left);
      return left;
    });
  }
}

const book = new YarnBook();

fastify.get('/healthz', async () => ({ ok: true }));
fastify.post('/orders', async (request, reply) => {
  const { kind, metres } = request.body;
  const left = await book.draw(kind, metres * 3);
  reply.code(201);
  return { kind, metres, left };
});
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
