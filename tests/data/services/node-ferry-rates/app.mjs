// Fares of ferry crossings.
import Fastify from 'fastify';
import { tariffFor } from './rates.mjs';

const app = Fastify();

app.get('/health', async () => ({ ok: true }));

app.get('/crossings/:route/fare', async (request) => {
  const { cars = 0, people = 1 } = request.query;
  const { prices, season } = await tariffFor(request.params.route);
  const full = Number(cars) * prices.car + Number(people) * prices.person;
  return { route: request.params.route, season: season.name, fare: Math.round(full * season.factor * 100) / 100 };
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
