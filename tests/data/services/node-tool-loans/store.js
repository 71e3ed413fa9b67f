'use strict';
const { Pool } = require('pg');

const db = new Pool({ connectionString: process.env.DATABASE_URL, max: 6, application_name: 'tool-library' });
db.on('error', (error) => console.error('database:', error.message));

async function inTransaction(work) {
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

module.exports = { db, inTransaction };
