'use strict';
// Referrals between the wards of a group of clinics.
const Fastify = require('fastify');
const clinicSessions = require('./clinics');

const INSURER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const DAY = 86_400_000;

const app = Fastify({ logger: { level: 'error' } });
app.register(clinicSessions, { url: process.env.DATABASE_URL, size: Number(process.env.DB_SESSIONS ?? 3) });

async function openReferrals(db, ward) {
  const { rows } = await db.query(
    `SELECT id, patient, policy, urgency, made_at, note FROM referrals
      WHERE clinic = current_setting('app.clinic') AND ward = $1 AND state = 'open' ORDER BY made_at DESC LIMIT 30`, [ward]);
  return rows;
}

async function lastVisits(db, ids) {
  const { rows } = await db.query('SELECT referral, max(at) AS at, count(*)::int AS n FROM visits WHERE referral = ANY($1) GROUP BY referral', [ids]);
  return new Map(rows.map((row) => [row.referral, row]));
}

async function coverage(policies) {
  const answer = await fetch(`${INSURER}/coverage?policies=${[...new Set(policies)].join(',')}`);
  if (!answer.ok) throw Object.assign(new Error('clearing desk does not answer'), { statusCode: 502 });
  return answer.json();
}

function dueDate(referral) {
  const days = [1, 3, 10, 21, 60][referral.urgency - 1];
  return new Date(referral.made_at.getTime() + days * DAY).toISOString().slice(0, 10);
}

function present(referral, visit, cover) {
  return {
    id: referral.id,
    patient: referral.patient,
    urgency: referral.urgency,
    due: dueDate(referral),
    note: referral.note,
    lastVisit: visit?.at ?? null,
    visits: visit?.n ?? 0,
    cover: cover ?? 'unknown',
  };
}

app.register(async (routes) => {
  routes.get('/referrals/open', async (request) => {
    const ward = request.query.ward ?? 'cardiology';
    const referrals = await openReferrals(request.db, ward);
    const visits = await lastVisits(request.db, referrals.map((r) => r.id));
    const cover = await coverage(referrals.map((r) => r.policy));
    return {
      clinic: request.clinic,
      ward,
      referrals: referrals.map((r) => present(r, visits.get(r.id), cover[r.policy])),
    };
  });

  routes.get('/referrals/:id', async (request, reply) => {
    const { rows } = await request.db.query('SELECT * FROM referrals WHERE id = $1', [Number(request.params.id)]);
    return rows[0] ?? reply.code(404).send({ error: 'no such referral' });
  });

  routes.get('/wards', async (request) => {
    const { rows } = await request.db.query("SELECT ward, count(*)::int AS open FROM referrals WHERE state = 'open' GROUP BY ward ORDER BY ward");
    return rows;
  });

  routes.post('/referrals/:id/close', async (request, reply) => {
    const { rowCount } = await request.db.query("UPDATE referrals SET state = 'closed' WHERE id = $1", [Number(request.params.id)]);
    return reply.code(rowCount ? 200 : 404).send({ closed: rowCount > 0 });
  });

  routes.get('/healthz', { config: { open: true } }, async () => ({ ok: true }));
});

app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
