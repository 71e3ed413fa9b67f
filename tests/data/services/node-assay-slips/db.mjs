import pg from 'pg';

const UNIQUE_VIOLATION = '23505';
const ATTEMPTS = 60;

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
pool.on('error', (error) => console.error('idle client', error.message));

export async function inTransaction(work) {
  const client = await pool.connect();
  try {
    for (let attempt = 1; ; attempt += 1) {
      await client.query('BEGIN');
      try {
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        if (error.code !== UNIQUE_VIOLATION || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    client.release();
  }
}
