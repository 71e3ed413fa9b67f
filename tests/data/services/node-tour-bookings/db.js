'use strict';
const knex = require('knex')({
  client: 'pg',
  connection: process.env.DATABASE_URL,
  pool: { min: 0, max: Number(process.env.DB_POOL_MAX ?? 2) },
  acquireConnectionTimeout: 20000,
});

module.exports = knex;
