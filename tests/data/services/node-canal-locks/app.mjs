// Canal office: boats, their licences and their passages through the locks.
import fastify from 'fastify';
import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL, { max: 8, onnotice: () => {} });

const findBoat = async (id) => {
  const [boat] = await sql`
    SELECT b.id, b.name, b.length_m::float8 AS length_m, b.licence, l.name AS mooring
      FROM boats b LEFT JOIN locks l ON l.id = b.moored_at WHERE b.id = ${id}`;
  return boat;
};

const lastPassages = (boat, count) => sql`
  SELECT p.id, p.passed_at, p.upwards, p.water_m3, l.name AS lock, l.canal
    FROM (SELECT * FROM passages WHERE boat_id = ${boat} ORDER BY passed_at DESC LIMIT ${count}) p
    JOIN locks l ON l.id = p.lock_id
   ORDER BY p.passed_at DESC`;

const unpaidLicences = (boat) => sql`
  SELECT year, fee::float8 AS fee FROM licences WHERE boat_id = ${boat} AND paid_on IS NULL ORDER BY year`;

const busiestHour = (lock, day) => sql`
  SELECT extract(hour FROM passed_at)::int AS hour, count(*)::int AS boats FROM passages
   WHERE lock_id = ${lock} AND passed_at >= ${day}::date AND passed_at < ${day}::date + 1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3`;

const networkDay = (day) => sql`
  SELECT l.canal, count(*)::int AS passages, sum(p.water_m3)::int AS water_m3
    FROM passages p JOIN locks l ON l.id = p.lock_id
   WHERE p.passed_at >= ${day}::date AND p.passed_at < ${day}::date + 1 GROUP BY l.canal ORDER BY l.canal`;

/** Consecutive passages on one canal within two days count as a trip. */
function trips(passages) {
  const found = [];
  for (const passage of [...passages].reverse()) {
    const trip = found.at(-1);
    const near = trip && trip.canal === passage.canal && passage.passed_at - trip.until < 48 * 3_600_000;
    if (near) {
      trip.until = passage.passed_at;
      trip.locks += 1;
      trip.climbed += passage.upwards ? 1 : -1;
    } else {
      found.push({ canal: passage.canal, from: passage.passed_at, until: passage.passed_at, locks: 1, climbed: passage.upwards ? 1 : -1 });
    }
  }
  return found;
}

function standing(unpaid) {
  const owed = unpaid.reduce((sum, licence) => sum + licence.fee, 0);
  if (owed === 0) return { state: 'clear', owed };
  return { state: unpaid.length > 2 ? 'barred' : 'reminder', owed, years: unpaid.map((l) => l.year) };
}

const app = fastify();

const idParam = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } };
const dayQuery = { querystring: { type: 'object', required: ['day'], properties: { day: { type: 'string', format: 'date' } } } };

app.get('/healthz', async () => ({ ok: true }));

app.get('/boats/:id', { schema: idParam }, async (request, reply) => {
  const boat = await findBoat(request.params.id);
  return boat ?? reply.code(404).send({ error: 'no such boat' });
});

app.get('/boats/:id/logbook', { schema: idParam }, async (request, reply) => {
  const boat = await findBoat(request.params.id);
  if (!boat) return reply.code(404).send({ error: 'no such boat' });
  const [passages, unpaid] = await Promise.all([lastPassages(boat.id, 25), unpaidLicences(boat.id)]);
  return {
    boat,
    licence: standing(unpaid),
    lastSeen: passages[0] ? { lock: passages[0].lock, at: passages[0].passed_at } : null,
    trips: trips(passages),
  };
});

app.get('/locks/:id/hours', { schema: { ...idParam, ...dayQuery } }, async (request) => busiestHour(request.params.id, request.query.day));

app.get('/network', { schema: dayQuery }, async (request) => networkDay(request.query.day));

app.addHook('onClose', () => sql.end({ timeout: 2 }));

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
