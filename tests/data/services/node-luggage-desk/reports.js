'use strict';
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const COLUMNS = 'r.id, r.reference, r.email, r.flight, r.kind, r.description, r.filed_at, r.closed_at, a.city';

async function rows(text, values) {
  return (await pool.query(text, values)).rows;
}

// travellers type their address as they like, so do the agents at the counter
function ofTraveller(email) {
  return rows(
    `SELECT ${COLUMNS} FROM reports r JOIN airports a ON a.code = r.airport
      WHERE lower(r.email) = lower($1) ORDER BY r.filed_at DESC LIMIT 50`,
    [email],
  );
}

async function byReference(reference) {
  const [report] = await rows(
    `SELECT ${COLUMNS} FROM reports r JOIN airports a ON a.code = r.airport WHERE r.reference = $1`, [reference]);
  return report;
}

function openAt(airport, limit) {
  return rows(
    `SELECT reference, flight, kind, filed_at FROM reports
      WHERE airport = $1 AND closed_at IS NULL ORDER BY filed_at DESC LIMIT $2`, [airport, limit]);
}

async function sightings(ids) {
  if (!ids.length) return [];
  return rows('SELECT report_id, airport, seen_at, note FROM sightings WHERE report_id = ANY($1) ORDER BY seen_at', [ids]);
}

async function addSighting(id, airport, note) {
  await pool.query('INSERT INTO sightings (report_id, airport, seen_at, note) VALUES ($1, $2, now(), $3)', [id, airport, note]);
}

module.exports = { ofTraveller, byReference, openAt, sightings, addSighting };
