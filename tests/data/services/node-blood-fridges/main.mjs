// Blood bags in the hospital: what is in which fridge, and moves between the bank and the wards.
import Hapi from '@hapi/hapi';
import Boom from '@hapi/boom';
import { BloodStock } from './stock.mjs';

const LAYOUT = [
  ['bank', 'transfusion', 2400],
  ['er-1', 'emergency', 96],
  ['or-2', 'surgery', 144],
  ['mat-1', 'maternity', 72],
  ['icu-1', 'intensive care', 96],
];

const stock = new BloodStock(LAYOUT);
const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1' });

server.route({ method: 'GET', path: '/healthz', handler: () => ({ ok: true }) });

server.route({ method: 'GET', path: '/fridges', handler: () => stock.overview() });

server.route({ method: 'GET', path: '/fridges/{id}', handler: (request) => stock.contents(request.params.id) });

server.route({
  method: 'POST',
  path: '/wards/{id}/supplies',
  handler: async (request, h) => {
    const { group, bags } = request.payload ?? {};
    if (typeof group !== 'string' || !(bags > 0 && bags <= 20)) throw Boom.badData('group and bags (1 to 20) are required');
    const moved = await stock.relocate('bank', request.params.id, group, bags);
    return h.response(moved).code(201);
  },
});

server.route({
  method: 'POST',
  path: '/wards/{id}/returns',
  handler: async (request) => {
    const { group, bags } = request.payload ?? {};
    return stock.relocate(request.params.id, 'bank', group, bags);
  },
});

server.ext('onPreResponse', (request, h) => {
  const { response } = request;
  if (response instanceof Error && !response.isServer) request.log(['refused'], response.message);
  return h.continue;
});

async function levelAll() {
  try {
    await stock.level('bank');
  } catch (error) {
    console.error('levelling failed', error);
  } finally {
    setTimeout(levelAll, 400);
  }
}

await server.start();
setTimeout(levelAll, 2500);
