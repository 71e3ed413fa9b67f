'use strict';
const fastify = require('fastify')();
const { load, seatPlan, VENUES } = require('./plans');

load();

fastify.get('/healthz', async () => ({ ok: true }));

fastify.get('/venues', async () => Object.entries(VENUES).map(([code, { name, rows, width }]) => ({ code, name, rows, width })));

const planQuery = {
  type: 'object',
  properties: { party: { type: 'integer', minimum: 1, maximum: 8, default: 2 } },
};

fastify.get('/venues/:code/plan', { schema: { querystring: planQuery } }, async (req, reply) => {
  const { code } = req.params;
  if (!VENUES[code]) return reply.code(404).send({ error: 'no such venue' });
  const nights = await seatPlan(code, req.query.party);
  return { venue: VENUES[code].name, party: req.query.party, nights };
});

fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
