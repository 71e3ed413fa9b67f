'use strict';
// The week's work board of a fruit grower, as a page.
const Hapi = require('@hapi/hapi');
const { orchards } = require('./plan');
const { renderBoard } = require('./board');

async function main() {
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1', compression: { minBytes: 4096 } });

  server.route({ method: 'GET', path: '/healthz', handler: () => 'ok' });

  server.route({
    method: 'GET',
    path: '/orchards',
    handler: () => [...orchards].map(([id, rows]) => ({ id, rows: rows.length })),
  });

  server.route({
    method: 'GET',
    path: '/orchards/{orchard}/board',
    handler: (request, toolkit) => {
      const { orchard } = request.params;
      if (!orchards.has(orchard)) return toolkit.response({ error: 'no such orchard' }).code(404);
      const week = Math.min(52, Math.max(1, Number(request.query.week) || 18));
      return toolkit.response(renderBoard(orchard, week)).type('text/html').header('cache-control', 'no-store');
    },
  });

  await server.start();
}

main();
