'use strict';
const { Pool } = require('pg');

const CARDS = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/deposits`;
const HOUR = 3600_000;

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 20 });

async function transaction(work) {
  const client = await pool.connect();
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

async function rooms() {
  const { rows } = await pool.query('SELECT id, name, rate_cents, opens, closes FROM rooms ORDER BY id');
  return rows;
}

async function day(room, date) {
  const { rows } = await pool.query(
    `SELECT b.id, b.starts, b.ends, n.name AS band FROM bookings b JOIN bands n ON n.id = b.band_id
      WHERE b.room_id = $1 AND b.starts >= $2::date AND b.starts < $2::date + 1 ORDER BY b.starts`, [room, date]);
  return rows;
}

async function reserveDeposit(token, cents) {
  const response = await fetch(CARDS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, cents, currency: 'EUR' }),
  });
  const answer = await response.json();
  if (answer.state !== 'reserved') throw Object.assign(new Error('the card was refused'), { status: 402 });
  return answer.reference;
}

/** The first gap of that length in any room, searched day by day from the wished time on. */
async function firstGap(client, from, hours) {
  const { rows: [last] } = await client.query(
    `SELECT r.id, r.rate_cents, greatest($1::timestamptz, coalesce(max(b.ends), $1)) AS free
       FROM rooms r LEFT JOIN bookings b ON b.room_id = r.id AND b.starts >= $1
      GROUP BY r.id ORDER BY free, r.id LIMIT 1`, [from]);
  const starts = new Date(last.free);
  return { room: last.id, cents: last.rate_cents * hours, starts, ends: new Date(starts.getTime() + hours * HOUR) };
}

async function book({ band, hours, from }) {
  return transaction(async (client) => {
    const { rows: [who] } = await client.query('SELECT id, name, card_token FROM bands WHERE id = $1', [band]);
    if (!who) throw Object.assign(new Error('no such band'), { status: 404 });
    // two bands must not be given the same gap
    await client.query('LOCK TABLE bookings IN SHARE ROW EXCLUSIVE MODE');
    const gap = await firstGap(client, from, hours);
    const reference = await reserveDeposit(who.card_token, Math.ceil(gap.cents / 4));
    const { rows: [made] } = await client.query(
      `INSERT INTO bookings (room_id, band_id, starts, ends, deposit_ref, cents) VALUES ($1, $2, $3, $4, $5, $6)
       RETURNING id, room_id AS room, starts, ends, cents`,
      [gap.room, who.id, gap.starts, gap.ends, reference, gap.cents]);
    return { ...made, band: who.name };
  });
}

async function cancel(id) {
  const { rowCount } = await pool.query('DELETE FROM bookings WHERE id = $1 AND starts > now()', [id]);
  return rowCount === 1;
}

module.exports = { rooms, day, book, cancel };
