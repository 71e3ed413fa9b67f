import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 24 });

async function rows(text, ...values) {
  return (await pool.query({ text, values })).rows;
}

const UNIT = 'id, signature, title, level, from_year, to_year';

export async function fondsBySignature(signature) {
  const [found] = await rows(`SELECT ${UNIT} FROM units WHERE signature = $1 AND parent_id IS NULL`, signature);
  return found;
}

export function childrenOf(unit) {
  return rows(`SELECT ${UNIT} FROM units WHERE parent_id = $1 ORDER BY position`, unit.id);
}

export async function scansOf(unit) {
  const [{ pages, last }] = await rows('SELECT count(*)::int AS pages, max(made_on)::text AS last FROM scans WHERE unit_id = $1', unit.id);
  return { pages, last };
}

export function findByTitle(words, limit) {
  return rows(
    `SELECT ${UNIT} FROM units WHERE to_tsvector('simple', title) @@ plainto_tsquery('simple', $1) ORDER BY signature LIMIT $2`,
    words, limit,
  );
}

export async function closedUntil(signature) {
  const [found] = await rows('SELECT to_year + 30 AS year FROM units WHERE signature = $1', signature);
  return found?.year;
}

export function allFonds() {
  return rows(`SELECT ${UNIT} FROM units WHERE parent_id IS NULL ORDER BY signature`);
}
