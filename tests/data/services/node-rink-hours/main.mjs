// Ice time of the city's rinks.
import Fastify from 'fastify';
import { clubHours, dayOf, reserve, sql } from './bookings.mjs';

const app = Fastify({ logger: false });
const rinkParams = { type: 'object', properties: { rink: { type: 'integer', minimum: 1 } } };

app.post('/rinks/:rink/bookings', {
  schema: {
    params: rinkParams,
    body: {
      type: 'object',
      required: ['club', 'after', 'minutes'],
      properties: {
        club: { type: 'integer' },
        after: { type: 'string', format: 'date-time' },
        minutes: { type: 'integer', minimum: 30, maximum: 240 },
      },
    },
  },
}, async (request, reply) => {
  reply.code(201);
  return reserve(request.params.rink, request.body);
});

app.get('/rinks/:rink/days/:day', { schema: { params: rinkParams } }, async ({ params }) => dayOf(params.rink, params.day));

app.get('/clubs/:club/hours', async ({ params }) => clubHours(Number(params.club)));

app.get('/rinks', async () => sql`SELECT id, name, hourly FROM rinks ORDER BY id`);

app.get('/status', async () => ({ status: 'ok' }));

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
