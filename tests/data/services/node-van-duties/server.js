'use strict';
// Fines and tolls of a van rental: what a customer may have to answer for, as renter or as driver.
const fastify = require('fastify')({ logger: false });
const knex = require('knex')({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 2, max: 8 } });

const FEES = { parking: 15, speeding: 25, toll: 5, 'low emission zone': 20 };

function chargesConcerning(customer, { since, limit }) {
  return knex('charges as c')
    .join('rentals as r', 'r.id', 'c.rental_id')
    .join('vans as v', 'v.id', 'r.van_id')
    .where((either) => either.where('r.customer_id', customer).orWhere('c.driver_id', customer))
    .andWhere('c.noticed_on', '>=', since)
    .orderBy([{ column: 'c.noticed_on', order: 'desc' }, { column: 'c.id', order: 'desc' }])
    .limit(limit)
    .select('c.id', 'c.kind', 'c.amount_cents', 'c.noticed_on', 'c.driver_id', 'c.settled', 'r.customer_id',
      'r.reference', 'v.plate');
}

function rentalsOf(customer) {
  return knex('rentals as r')
    .join('vans as v', 'v.id', 'r.van_id')
    .where('r.customer_id', customer)
    .orderBy('r.starts_on', 'desc')
    .limit(30)
    .select('r.reference', 'r.starts_on', 'r.ends_on', 'v.plate', 'v.model');
}

const chargeById = (id) => knex('charges').where({ id }).first('id', 'kind', 'amount_cents', 'noticed_on', 'settled');

async function settle(id) {
  return knex.transaction(async (trx) => {
    const found = await trx('charges').where({ id }).forUpdate().first('id', 'settled');
    if (!found) return null;
    if (!found.settled) await trx('charges').where({ id }).update({ settled: true });
    return { id, settled: true, changed: !found.settled };
  });
}

const money = (cents) => (cents / 100).toFixed(2);

function roleOf(charge, customer) {
  if (charge.customer_id === customer) return charge.driver_id === customer ? 'renter and driver' : 'renter';
  return 'driver';
}

function present(charge, customer) {
  const fee = charge.settled || roleOf(charge, customer) === 'driver' ? 0 : (FEES[charge.kind] ?? 10) * 100;
  return {
    id: charge.id,
    kind: charge.kind,
    on: charge.noticed_on.toISOString().slice(0, 10),
    van: charge.plate,
    rental: charge.reference,
    role: roleOf(charge, customer),
    amount: money(charge.amount_cents),
    fee: money(fee),
    settled: charge.settled,
  };
}

function totals(charges) {
  const open = charges.filter((charge) => !charge.settled);
  const byKind = {};
  for (const { kind, amount } of open) byKind[kind] = money(Math.round((Number(byKind[kind] ?? 0) + Number(amount)) * 100));
  return { open: open.length, byKind };
}

fastify.get('/ok', async () => 'ok');

fastify.get('/customers/:id/charges', {
  schema: {
    params: { type: 'object', properties: { id: { type: 'integer' } } },
    querystring: {
      type: 'object',
      properties: {
        since: { type: 'string', format: 'date', default: '2022-01-01' },
        limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      },
    },
  },
}, async (request) => {
  const { id } = request.params;
  const charges = (await chargesConcerning(id, request.query)).map((charge) => present(charge, id));
  return { customer: id, ...totals(charges), charges };
});

fastify.get('/customers/:id/rentals', async (request) => rentalsOf(Number(request.params.id)));

fastify.get('/charges/:id', async (request, reply) => {
  const charge = await chargeById(Number(request.params.id));
  return charge ?? reply.code(404).send({ error: 'unknown charge' });
});

fastify.post('/charges/:id/settlement', async (request, reply) => {
  const settled = await settle(Number(request.params.id));
  return settled ?? reply.code(404).send({ error: 'unknown charge' });
});

fastify.addHook('onClose', () => knex.destroy());

fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' }).catch((error) => {
  console.error(error);
  process.exit(1);
});
