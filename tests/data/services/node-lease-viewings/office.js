'use strict';
const fp = require('fastify-plugin');
const { Pool } = require('pg');

module.exports = fp(async (app, { connectionString }) => {
  const pool = new Pool({ connectionString, max: 2, idleTimeoutMillis: 30000, application_name: 'viewings' });
  pool.on('error', (error) => app.log.error(error));

  app.decorateRequest('db', null);

  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.public) return;
    request.db = await pool.connect();
    await request.db.query("SELECT set_config('app.office', $1, false)", [request.headers['x-office'] ?? 'harbour']);
  });

  app.addHook('onResponse', async (request) => {
    request.db?.release();
    request.db = null;
  });

  app.addHook('onClose', () => pool.end());
});
