'use strict';
const postgres = require('postgres');

module.exports = postgres(process.env.DATABASE_URL, {
  max: 16,
  idle_timeout: 120,
  connection: { application_name: 'canteen' },
});
