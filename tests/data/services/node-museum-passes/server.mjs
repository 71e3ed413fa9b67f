// Admissions at the gates of a museum.
import { appendFileSync } from 'node:fs';
import Fastify from 'fastify';
import postgres from 'postgres';
import { badgeOf, printBadge } from './badge.mjs';

const CARD_OFFICE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const sql = postgres(process.env.DATABASE_URL, { max: 3, onnotice: () => {} });
const turnstiles = new Map();

async function withTurnstile(gate, work) {
  const before = turnstiles.get(gate) ?? Promise.resolve();
  const mine = before.then(work, work);
  turnstiles.set(gate, mine.catch(() => {}));
  return mine;
}

async function reportedLost(pass) {
  const response = await fetch(`${CARD_OFFICE}/passes/${pass}`);
  if (!response.ok) throw new Error(`card office: ${response.status}`);
  return (await response.json()).lost;
}

async function loadPass(id) {
  const [pass] = await sql`SELECT p.id, p.kind, p.valid_until, h.name, h.born FROM passes p JOIN holders h ON h.id = p.holder_id WHERE p.id = ${id}`;
  return pass;
}

async function openExhibitions(gate, kind) {
  const ids = await sql`SELECT id FROM exhibitions WHERE gate = ${gate} ORDER BY id`;
  const open = [];
  for (const { id } of ids.slice(0, 3)) {
    const [row] = await sql`SELECT id, title FROM exhibitions WHERE id = ${id} AND ${kind} = ANY (kinds)`;
    if (row) open.push(row);
  }
  return open;
}

async function enter(pass, gate, companions) {
  return sql.begin(async (tx) => {
    const [{ visits }] = await tx`SELECT count(*)::int AS visits FROM admissions WHERE pass_id = ${pass.id} AND at < '2025-01-01'`;
    const [row] = await tx`INSERT INTO admissions (pass_id, gate, companions) VALUES (${pass.id}, ${gate}, ${companions}) RETURNING id, at`;
    return { ...row, visits };
  });
}

const app = Fastify({ logger: { level: 'error' } });

app.get('/healthz', async () => ({ ok: true }));

app.post('/gates/:gate/admissions', {
  schema: {
    params: { type: 'object', properties: { gate: { type: 'integer', minimum: 1, maximum: 6 } } },
    body: { type: 'object', required: ['pass'], properties: { pass: { type: 'integer' }, companions: { type: 'integer', default: 0 } } },
  },
}, async (request, reply) => {
  const { gate } = request.params;
  const pass = await loadPass(request.body.pass);
  if (!pass) return reply.code(404).send({ error: 'no such pass' });
  if (await reportedLost(pass.id)) return reply.code(403).send({ error: 'reported lost' });
  const exhibitions = await openExhibitions(gate, pass.kind);
  const admission = await withTurnstile(gate, () => enter(pass, gate, request.body.companions));
  const badge = printBadge(admission.id, pass, admission.at.toISOString().slice(0, 10), request.body.companions);
  appendFileSync('gates.log', `${admission.at.toISOString()} gate ${gate} pass ${pass.id}\n`);
  return reply.code(201).send({ admission: admission.id, visits: admission.visits, name: pass.name, badge: badge.code, exhibitions });
});

app.get('/admissions/:id/badge', async (request, reply) => {
  const badge = badgeOf(request.params.id);
  if (!badge) return reply.code(404).send({ error: 'not printed lately' });
  return { lines: badge.lines };
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
