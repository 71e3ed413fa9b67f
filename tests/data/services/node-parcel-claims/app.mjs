// Claims for lost and damaged parcels: filed by the sender, checked against the carrier's scans, booked with a reserve.
import express from 'express';
import pg from 'pg';
import { request } from 'undici';
import { z } from 'zod';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const CARRIER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const LIMITS = { standard: 50000, insured: 250000, valuable: 1000000 };

const Claim = z.object({
  parcel: z.string().regex(/^[A-Z]{2}\d{9}$/),
  reason: z.enum(['lost', 'damaged', 'late']),
  value: z.number().int().positive(),
  note: z.string().max(500).optional(),
});

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function inTransaction(work) {
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

async function findParcel(client, code) {
  const { rows } = await client.query('SELECT code, service, sender_id, posted_on FROM parcels WHERE code = $1', [code]);
  return rows[0];
}

async function insertClaim(client, parcel, claim, reserve, scans) {
  const { rows } = await client.query(
    `INSERT INTO claims (parcel, reason, value_cents, reserve_cents, last_scan, note)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id, filed_at`,
    [parcel.code, claim.reason, claim.value, reserve, scans.at(-1)?.place ?? null, claim.note ?? ''],
  );
  return rows[0];
}

async function scansOf(code) {
  const { statusCode, body } = await request(`${CARRIER}/parcels/${code}/scans`);
  if (statusCode !== 200) {
    await body.dump();
    throw new Refused(502, `carrier answered ${statusCode}`);
  }
  return (await body.json()).scans;
}

function plausible(reason, scans) {
  const delivered = scans.some((scan) => scan.event === 'delivered');
  if (reason === 'lost') return !delivered;
  return scans.length > 0;
}

function reserveFor(parcel, claim, scans) {
  const limit = LIMITS[parcel.service] ?? LIMITS.standard;
  const share = claim.reason === 'late' ? 0.2 : plausible(claim.reason, scans) ? 1 : 0.5;
  return Math.round(Math.min(limit, claim.value) * share);
}

function fileClaim(claim) {
  return inTransaction(async (client) => {
    const parcel = await findParcel(client, claim.parcel);
    if (!parcel) throw new Refused(404, 'unknown parcel');
    const scans = await scansOf(parcel.code);
    const reserve = reserveFor(parcel, claim, scans);
    const filed = await insertClaim(client, parcel, claim, reserve, scans);
    return { claim: filed.id, filed: filed.filed_at, parcel: parcel.code, service: parcel.service, reserve, scans: scans.length };
  });
}

const app = express();
app.use(express.json({ limit: '20kb' }));

app.get('/alive', (req, res) => {
  res.send('ok');
});

app.post('/claims', async (req, res) => {
  const parsed = Claim.safeParse(req.body);
  if (!parsed.success) throw new Refused(422, parsed.error.issues.map((issue) => issue.message).join(', '));
  res.status(201).json(await fileClaim(parsed.data));
});

app.get('/claims/:id', async (req, res) => {
  const { rows } = await pool.query('SELECT id, parcel, reason, reserve_cents, filed_at FROM claims WHERE id = $1', [req.params.id]);
  if (rows.length === 0) throw new Refused(404, 'unknown claim');
  res.json(rows[0]);
});

app.get('/parcels/:code/claims', async (req, res) => {
  const { rows } = await pool.query(
    'SELECT id, reason, value_cents, reserve_cents FROM claims WHERE parcel = $1 ORDER BY id DESC LIMIT 20',
    [req.params.code],
  );
  res.json(rows);
});

app.use((error, req, res, next) => {
  if (!error.status) console.error(error);
  res.status(error.status ?? 500).json({ error: error.status ? error.message : 'internal error' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
