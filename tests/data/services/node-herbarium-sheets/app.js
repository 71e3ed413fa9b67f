'use strict';
// Herbarium of a botanical garden: pressed sheets by species, with keys and a finder by words.
const { createHmac, randomBytes } = require('node:crypto');
const { appendFile, mkdir } = require('node:fs/promises');
const polka = require('polka');
const { Pool } = require('pg');
const { LRUCache } = require('lru-cache');
const { Finder } = require('./finder');

const db = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const species = new LRUCache({ max: 500, ttl: 5 * 60_000 });
const signingKey = randomBytes(32);
const finder = new Finder();

/** Hands out numbers for the reading room, one at a time, and writes them down now and then. */
class Visits {
  #tail = Promise.resolve();
  #pending = [];
  #last = 0;

  next(sheetCount, name) {
    const turn = this.#tail.then(() => {
      this.#last += 1;
      this.#pending.push(`${this.#last}\t${name}\t${sheetCount}`);
      return this.#last;
    });
    this.#tail = turn.catch(() => {});
    return turn;
  }

  async flush() {
    const lines = this.#pending.splice(0);
    if (lines.length) await appendFile('room/visits.tsv', `${lines.join('\n')}\n`);
  }
}

const visits = new Visits();

async function findSpecies(id) {
  let found = species.get(id);
  if (!found) {
    const { rows } = await db.query('SELECT id, genus, epithet, author, family_id FROM species WHERE id = $1', [id]);
    found = rows[0];
    if (found) species.set(id, found);
  }
  return found;
}

async function sheetsOf(speciesId) {
  const { rows } = await db.query(
    `SELECT s.id, s.barcode, s.gathered_on::text AS gathered, s.altitude, s.notes, c.name AS collector, p.name AS place, p.country
     FROM sheets s JOIN collectors c ON c.id = s.collector_id JOIN places p ON p.id = s.place_id
     WHERE s.species_id = $1 ORDER BY s.gathered_on, s.id`,
    [speciesId],
  );
  return rows;
}

async function familyOf(id) {
  const { rows } = await db.query('SELECT name, ordo FROM families WHERE id = $1', [id]);
  return rows[0];
}

function flowering(sheets) {
  const months = new Array(12).fill(0);
  for (const { gathered } of sheets) months[Number(gathered.slice(5, 7)) - 1] += 1;
  return months;
}

function byCountry(sheets) {
  const groups = {};
  for (const sheet of sheets) (groups[sheet.country] ??= []).push({ ...sheet, label: `${sheet.barcode} ${sheet.place}` });
  return groups;
}

function send(res, status, value) {
  const body = JSON.stringify(value);
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-signature': createHmac('sha256', signingKey).update(body).digest('hex'),
  });
  res.end(body);
}

const guarded = (handler) => (req, res) => handler(req, res).catch((error) => send(res, 500, { error: error.message }));

async function speciesPage(req, res) {
  const found = await findSpecies(Number(req.params.id));
  if (!found) return send(res, 404, { error: 'no such species' });
  const family = await familyOf(found.family_id);
  const sheets = await sheetsOf(found.id);
  const visit = await visits.next(sheets.length, found.genus);
  return send(res, 200, {
    visit,
    name: `${found.genus} ${found.epithet} ${found.author}`,
    family,
    flowering: flowering(sheets),
    sheets: byCountry(sheets),
  });
}

async function search(req, res) {
  send(res, 200, finder.find(String(req.query.q ?? '')).slice(0, 25));
}

async function main() {
  await mkdir('room', { recursive: true });
  const { rows } = await db.query('SELECT s.id, s.notes, p.name AS place FROM sheets s JOIN places p ON p.id = s.place_id');
  for (const row of rows) finder.add(row.id, `${row.notes} ${row.place}`);
  finder.seal();
  setInterval(() => visits.flush().catch(console.error), 1000).unref();
  polka()
    .get('/ready', (req, res) => res.end('ready'))
    .get('/species/:id/sheets', guarded(speciesPage))
    .get('/search', guarded(search))
    .listen(Number(process.env.PORT), '127.0.0.1', (error) => {
      if (error) throw error;
    });
}

main();
