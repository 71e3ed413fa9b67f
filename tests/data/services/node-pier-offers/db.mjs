import pg from 'pg';

pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DB_CONNECTIONS ?? 3),
  idleTimeoutMillis: 60_000,
  application_name: 'offers',
});
pool.on('error', (error) => console.error('database:', error.message));

async function openUnit() {
  const client = await pool.connect();
  await client.query('BEGIN');
  return client;
}

async function closeUnit(client, good) {
  try {
    await client.query(good ? 'COMMIT' : 'ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error);
    throw error;
  }
}

/** Every route that asks for it works in one transaction, found as request.app.db. */
export const unitOfWork = {
  name: 'unit-of-work',
  register(server) {
    server.ext('onPreHandler', async (request, h) => {
      if (request.route.settings.plugins.transaction) request.app.db = await openUnit();
      return h.continue;
    });
    server.ext('onPreResponse', async (request, h) => {
      const client = request.app.db;
      if (client) {
        request.app.db = null;
        await closeUnit(client, !request.response.isBoom && request.response.statusCode < 400);
      }
      return h.continue;
    });
  },
};
