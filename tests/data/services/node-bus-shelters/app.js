'use strict';
// Bus shelters of a town: what stands where and in what state, and reports of damage.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const { LRUCache } = require('lru-cache');
const { Shelters, Reports } = require('./shelters');

const shelters = new Shelters(24_000);
const reports = new Reports();
const pages = new LRUCache({ max: 24, ttl: 1500 });

function page(x, y, radius) {
  const key = `${x}/${y}/${radius}`;
  let found = pages.get(key);
  if (!found) {
    found = shelters.around(x, y, radius);
    pages.set(key, found);
  }
  return found;
}

function whole(text, name, max) {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0 || n > max) throw Boom.badRequest(`${name} must be a whole number up to ${max}`);
  return n;
}

const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1', compression: false });

server.route([
  { method: 'GET', path: '/healthz', handler: () => 'ok' },
  {
    method: 'GET',
    path: '/shelters',
    handler: async (request, h) => {
      const x = whole(request.query.x, 'x', 10_100);
      const y = whole(request.query.y, 'y', 10_100);
      const radius = whole(request.query.radius ?? '400', 'radius', 1500);
      const found = page(x, y, radius);
      const visit = await reports.count();
      return h.response({ x, y, radius, count: found.length, shelters: found }).header('x-visit', String(visit));
    },
  },
  {
    method: 'GET',
    path: '/shelters/{id}',
    handler: (request) => {
      const shelter = shelters.byId.get(request.params.id) ?? null;
      if (!shelter) throw Boom.notFound();
      return { ...shelter, code: undefined, condition: shelters.condition(shelter.id) };
    },
  },
  {
    method: 'POST',
    path: '/shelters/{id}/reports',
    handler: async (request, h) => {
      if (!shelters.byId.has(request.params.id)) throw Boom.notFound();
      await reports.add({ shelter: request.params.id, text: String(request.payload?.text ?? ''), at: new Date() });
      return h.response().code(202);
    },
  },
]);

setInterval(() => reports.flush().catch((error) => console.error(error)), 1000);

server.start();
