'use strict';
// Neighbourhood tool library: who borrowed what, and a desk screen that follows along.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const { db, inTransaction } = require('./store');
const { followDesk } = require('./desk');

const DEPOSIT = { hand: 5, power: 30, garden: 15, ladder: 20 };
const scoring = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/members`;

async function memberScore(member) {
  const response = await fetch(`${scoring}/${member}`);
  if (!response.ok) throw Boom.badGateway(`member register: ${response.status}`);
  return (await response.json()).score;
}

const depositFor = (tool, score) => Math.round(DEPOSIT[tool.kind] * (score > 80 ? 0.5 : score < 40 ? 1.5 : 1));

async function lend(toolId, member, days) {
  return inTransaction(async (client) => {
    const { rows: [tool] } = await client.query('SELECT id, name, kind, copies FROM tools WHERE id = $1', [toolId]);
    if (!tool) throw Boom.notFound('no such tool');
    const { rows: [{ out }] } = await client.query(
      'SELECT count(*)::int AS out FROM loans WHERE tool_id = $1 AND back_on IS NULL AND due_on >= $2', [toolId, '2025-02-01'],
    );
    const deposit = depositFor(tool, await memberScore(member));
    const { rows: [loan] } = await client.query(
      `INSERT INTO loans (tool_id, member_id, due_on, deposit) VALUES ($1, $2, date '2025-01-10' + $3::int, $4)
       RETURNING id, due_on::text`,
      [toolId, member, days, deposit],
    );
    await client.query('SELECT pg_notify($1, $2)', ['lent', `${tool.name}:${loan.id}`]);
    return { loan: loan.id, tool: tool.name, due: loan.due_on, deposit, left: tool.copies - out };
  });
}

const routes = [
  { method: 'GET', path: '/alive', handler: () => ({ alive: true }) },
  {
    method: 'POST',
    path: '/tools/{id}/loans',
    handler: async (request, h) => {
      const { member, days = 7 } = request.payload ?? {};
      if (!Number.isInteger(member) || days < 1 || days > 28) throw Boom.badRequest('member and 1 to 28 days, please');
      return h.response(await lend(Number(request.params.id), member, days)).code(201);
    },
  },
  {
    method: 'GET',
    path: '/tools/{id}',
    handler: async (request) => {
      const { rows } = await db.query('SELECT id, name, kind, copies FROM tools WHERE id = $1', [request.params.id]);
      return rows[0] ?? Boom.notFound();
    },
  },
  {
    method: 'GET',
    path: '/members/{id}/loans',
    handler: async (request) => {
      const { rows } = await db.query(
        `SELECT l.id, t.name, l.due_on::text AS due FROM loans l JOIN tools t ON t.id = l.tool_id
         WHERE l.member_id = $1 AND l.back_on IS NULL ORDER BY l.due_on LIMIT 50`,
        [request.params.id],
      );
      return rows;
    },
  },
];

async function main() {
  const screen = await followDesk(['lent', 'returned', 'damaged', 'reserved']);
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });
  server.route(routes);
  server.route({ method: 'GET', path: '/desk', handler: () => screen.recent() });
  await server.start();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
