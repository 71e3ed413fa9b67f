'use strict';
// Database sessions that belong to one clinic: the tables' policies look at the setting app.clinic.
const fp = (plugin) => Object.assign(plugin, { [Symbol.for('skip-override')]: true });
const { Pool } = require('pg');

const CLINICS = new Set(['lindenhof', 'seeblick', 'marien']);

async function clinicSessions(app, { url, size }) {
  const pool = new Pool({ connectionString: url, max: size, idleTimeoutMillis: 60_000 });

  async function openSession(request) {
    const clinic = request.headers['x-clinic'] ?? 'lindenhof';
    if (!CLINICS.has(clinic)) throw Object.assign(new Error('unknown clinic'), { statusCode: 403 });
    const client = await pool.connect();
    await client.query("SELECT set_config('app.clinic', $1, false)", [clinic]);
    request.clinic = clinic;
    request.db = client;
  }

  function closeSession(request) {
    request.db?.release();
    request.db = null;
  }

  app.decorateRequest('clinic', null);
  app.decorateRequest('db', null);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.open) return;
    await openSession(request);
  });
  app.addHook('onResponse', async (request) => closeSession(request));
  app.addHook('onClose', () => pool.end());
}

module.exports = fp(clinicSessions);
