'use strict';
const knex = require('knex');

function makeStore(connection) {
  const db = knex({ client: 'pg', connection, pool: { min: 2, max: 12 } });

  return {
    loft: (id) => db('lofts').where({ id }).first(),

    birds: (loftId) => db('birds').select('id', 'ring', 'name').where({ loft_id: loftId }).orderBy('ring').limit(60),

    flights: (birdId, limit) => db('flights').where({ bird_id: birdId }).orderBy('flown_on', 'desc').limit(limit),

    weigh: (birdId, grams) => db('weights').insert({ bird_id: birdId, grams, weighed_on: db.raw('current_date') }),

    form: (loftId, since) => db('birds as b')
      .leftJoin('flights as f', (on) => on.on('f.bird_id', 'b.id').andOnVal('f.flown_on', '>=', since))
      .leftJoin('weights as w', (on) => on.on('w.bird_id', 'b.id').andOnVal('w.weighed_on', '>=', since))
      .where('b.loft_id', loftId)
      .groupBy('b.id', 'b.ring', 'b.name', 'b.ideal_weight')
      .select('b.ring', 'b.name', 'b.ideal_weight')
      .countDistinct({ flights: 'f.id' })
      .countDistinct({ weighings: 'w.id' })
      .avg({ speed: 'f.metres_a_minute' })
      .max({ best: 'f.metres_a_minute' })
      .avg({ weight: 'w.grams' })
      .orderBy('speed', 'desc', 'last'),

    close: () => db.destroy(),
  };
}

module.exports = { makeStore };
