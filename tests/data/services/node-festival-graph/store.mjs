// Reads of the festival's programme.
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12 });
pool.on('error', (error) => console.error('idle client:', error.message));

const many = async (text, values) => (await pool.query(text, values)).rows;
const one = async (text, values) => (await many(text, values))[0] ?? null;

export const setsOn = (day) => many(
  `SELECT s.id, st.name AS stage, s.act_id, s.minutes, to_char(s.starts_at, 'HH24:MI') AS starts
     FROM sets s JOIN stages st ON st.id = s.stage_id
    WHERE s.starts_at >= $1::date AND s.starts_at < $1::date + 1
    ORDER BY s.starts_at, st.id`, [day]);

export const actById = (id) => one('SELECT id, name, genre, label_id, fee FROM acts WHERE id = $1', [id]);

export const labelById = (id) => one('SELECT id, name, country FROM labels WHERE id = $1', [id]);

export const crewOf = (setId) => many(
  'SELECT p.id, p.name, p.trade FROM sets_crew c JOIN people p ON p.id = c.person_id WHERE c.set_id = $1 ORDER BY p.name', [setId]);

export const setsOfAct = (actId) => many(
  `SELECT s.id, st.name AS stage, s.act_id, s.minutes, to_char(s.starts_at, 'HH24:MI') AS starts
     FROM sets s JOIN stages st ON st.id = s.stage_id WHERE s.act_id = $1 ORDER BY s.starts_at`, [actId]);

export const stages = () => many('SELECT name, holds FROM stages ORDER BY id');

export const actsLike = (name, first) => many(
  'SELECT id, name, genre, label_id, fee FROM acts WHERE name LIKE $1 || \'%\' ORDER BY name LIMIT $2', [name, first]);
