'use strict';
// Tower cranes: permits to lift, by building site.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const { operatorScheme } = require('./session');

const WIND_LIMIT = { luffing: 72, hammerhead: 60, mobile: 45 };
const KINDS = Object.keys(WIND_LIMIT);

const permits = Array.from({ length: 3000 }, (_, n) => ({
  id: n + 1,
  site: 1 + (n % 40),
  crane: `TC-${100 + (n % 75)}`,
  kind: KINDS[n % 3],
  load: 800 + ((n * 379) % 9000),
  radius: 12 + ((n * 31) % 48),
  from: Date.UTC(2025, n % 12, 1 + (n % 27), 6),
  hours: 2 + (n % 9),
  approvedBy: n % 5 ? `eng-${n % 17}` : null,
}));
const bySite = Map.groupBy ? Map.groupBy(permits, (p) => p.site) : permits.reduce((map, p) => map.set(p.site, [...(map.get(p.site) ?? []), p]), new Map());

function moment({ load, radius }) {
  return Math.round((load * 9.81 * radius) / 1000);
}

function shown(permit) {
  return {
    id: permit.id,
    crane: permit.crane,
    load: permit.load,
    moment: moment(permit),
    windLimit: WIND_LIMIT[permit.kind] - (moment(permit) > 2500 ? 12 : 0),
    from: new Date(permit.from).toISOString(),
    until: new Date(permit.from + permit.hours * 3_600_000).toISOString(),
    state: permit.approvedBy ? 'approved' : 'waiting',
  };
}

function ofSite(request) {
  const found = bySite.get(Number(request.params.site));
  if (!found) throw Boom.notFound('no such site');
  const { state } = request.query;
  const list = found.map(shown).filter((p) => !state || p.state === state);
  return { site: Number(request.params.site), operator: request.auth.credentials.operator, permits: list.sort((a, b) => a.from.localeCompare(b.from)) };
}

function approve(request) {
  const permit = permits[Number(request.params.id) - 1];
  if (!permit) throw Boom.notFound();
  if (permit.approvedBy) throw Boom.conflict('already approved');
  permit.approvedBy = request.auth.credentials.operator;
  return shown(permit);
}

async function start() {
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });
  server.auth.scheme('operator', operatorScheme);
  server.auth.strategy('operators', 'operator', { provider: `http://127.0.0.1:${process.env.UPSTREAM_PORT}` });
  server.auth.default('operators');
  server.route([
    { method: 'GET', path: '/healthz', options: { auth: false }, handler: () => ({ ok: true }) },
    { method: 'GET', path: '/wind-limits', options: { auth: false }, handler: () => WIND_LIMIT },
    { method: 'GET', path: '/sites/{site}/permits', handler: ofSite },
    { method: 'POST', path: '/permits/{id}/approval', options: { auth: { scope: ['permits:write'] } }, handler: approve },
  ]);
  await server.start();
}

start();
