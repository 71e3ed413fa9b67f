'use strict';
// Racing pigeons: results, weights and the form table that breeders look at before a race.
const Fastify = require('fastify');
const { makeStore } = require('./store');

const store = makeStore(process.env.DATABASE_URL);
const app = Fastify({ logger: false });

const GRADES = [[1250, 'A'], [1150, 'B'], [1050, 'C']];

const gradeOf = (speed) => (GRADES.find(([from]) => speed >= from) ?? [0, 'D'])[1];

function readiness(row) {
  if (row.weight === null) return 'weigh first';
  const share = row.weight / row.ideal_weight;
  if (share > 1.06) return 'too heavy';
  if (share < 0.94) return 'too light';
  return row.flights < 3 ? 'green' : 'ready';
}

function formLine(row) {
  const weight = row.weight === null ? null : Number(row.weight);
  const speed = Number(row.speed ?? 0);
  return {
    ring: row.ring,
    name: row.name,
    flights: Number(row.flights),
    weighings: Number(row.weighings),
    speed: Math.round(speed),
    best: Number(row.best ?? 0),
    weight: weight && Number(weight.toFixed(1)),
    grade: gradeOf(speed),
    readiness: readiness({ ...row, weight }),
  };
}

function spread(lines) {
  const count = {};
  for (const { grade } of lines) count[grade] = (count[grade] ?? 0) + 1;
  return count;
}

const idSchema = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } };

app.get('/lofts/:id/form', { schema: idSchema }, async (request, reply) => {
  const loft = await store.loft(request.params.id);
  if (!loft) return reply.code(404).send({ error: 'no such loft' });
  const lines = (await store.form(loft.id, '2024-01-01')).map(formLine);
  return { loft: loft.name, keeper: loft.keeper, grades: spread(lines), birds: lines.slice(0, 40) };
});

app.get('/lofts/:id/birds', { schema: idSchema }, async (request) => store.birds(request.params.id));

app.get('/birds/:id/flights', { schema: idSchema }, async (request) => store.flights(request.params.id, 20));

app.post('/birds/:id/weights', { schema: idSchema }, async (request, reply) => {
  const grams = Number(request.body?.grams);
  if (!(grams > 200 && grams < 700)) return reply.code(422).send({ error: 'grams' });
  await store.weigh(request.params.id, grams);
  return reply.code(201).send({ bird: request.params.id, grams });
});

app.get('/ok', async () => 'ok');

app.addHook('onClose', () => store.close());
app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
