'use strict';
// Viewings of rented flats: an agent's day, in the order of the appointments, with the way from one to the next.
const fastify = require('fastify');
const office = require('./office');

const ROUTING = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const MINUTES_ON_SITE = 20;

const app = fastify({ logger: { level: 'warn' } });
app.register(office, { connectionString: process.env.DATABASE_URL });

async function travelMinutes(stops) {
  if (stops.length < 2) return [];
  const query = stops.map((stop) => `${stop.lat.toFixed(4)},${stop.lon.toFixed(4)}`).join(';');
  const response = await fetch(`${ROUTING}/table?stops=${encodeURIComponent(query)}`);
  if (!response.ok) throw new Error(`routing: ${response.status}`);
  const { minutes } = await response.json();
  return minutes;
}

async function dayOf(db, agent, day) {
  const { rows } = await db.query(
    `SELECT v.id, to_char(v.starts, 'HH24:MI') AS starts, v.tenant, f.street, f.rent, f.lat, f.lon
       FROM viewings v JOIN flats f ON f.id = v.flat_id
      WHERE v.agent_id = $1 AND v.day = $2 ORDER BY v.starts, v.id`,
    [agent, day],
  );
  return rows;
}

const minuteOfDay = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function plan(viewings, minutes) {
  return viewings.map(({ lat, lon, ...viewing }, n) => {
    const next = viewings[n + 1];
    const slack = next ? minuteOfDay(next.starts) - minuteOfDay(viewing.starts) - MINUTES_ON_SITE - minutes[n] : null;
    return { ...viewing, toNext: minutes[n] ?? null, late: slack !== null && slack < 0 };
  });
}

app.after(() => {
  app.get('/healthz', { config: { public: true } }, async () => ({ ok: true }));

  app.get('/flats/:id', async (request, reply) => {
    const { rows } = await request.db.query('SELECT id, street, rent FROM flats WHERE id = $1', [request.params.id]);
    return rows[0] ?? reply.code(404).send({ error: 'no such flat' });
  });

  app.get('/agents/:agent/viewings', {
    schema: {
      params: { type: 'object', properties: { agent: { type: 'integer' } } },
      querystring: { type: 'object', required: ['day'], properties: { day: { type: 'string', format: 'date' } } },
    },
  }, async (request) => {
    const { agent } = request.params;
    const { day } = request.query;
    const viewings = await dayOf(request.db, agent, day);
    const minutes = await travelMinutes(viewings);
    return { agent, day, viewings: plan(viewings, minutes) };
  });
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
