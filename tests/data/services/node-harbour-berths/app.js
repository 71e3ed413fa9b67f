'use strict';
const fastify = require('fastify')();
const { Berth, Stay } = require('./models');
const { startFeeds } = require('./feeds');

fastify.get('/healthz', async () => ({ ok: true }));

fastify.get('/berths', async () => Berth.findAll({ order: ['id'], raw: true }));

function hours(stay) {
  return stay.leaves ? Math.round((stay.leaves - stay.arrives) / 36e5) : null;
}

fastify.get('/berths/:id/stays', {
  schema: { querystring: { type: 'object', properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 25 } } } },
}, async (req, reply) => {
  const stays = await Stay.findAll({
    where: { berthId: req.params.id },
    include: [{ model: Berth, as: 'berth', attributes: ['terminal', 'length'] }],
    order: [['arrives', 'DESC']],
    limit: req.query.limit,
  });
  if (!stays.length) return reply.code(404).send({ error: 'nothing known about this berth' });
  return {
    berth: req.params.id,
    terminal: stays[0].berth.terminal,
    stays: stays.map((stay) => ({ ship: stay.ship, arrives: stay.arrives, leaves: stay.leaves, hours: hours(stay) })),
  };
});

fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' }).then(startFeeds);
