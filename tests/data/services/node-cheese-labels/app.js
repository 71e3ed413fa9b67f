'use strict';
// Labels for the cheeses of a dairy: weight, batch and best-before, printed at the packing stations.
const os = require('node:os');
process.env.UV_THREADPOOL_SIZE ??= String(os.availableParallelism());

const fastify = require('fastify');
const { raster } = require('./raster');
const { PrinterPark } = require('./printers');

const CHEESES = new Map([
  ['gruyere', { name: 'Gruyere AOP', ripens: 270, keeps: 120, fat: 49 }],
  ['vacherin', { name: 'Vacherin', ripens: 90, keeps: 45, fat: 50 }],
  ['tomme', { name: 'Tomme vaudoise', ripens: 14, keeps: 21, fat: 45 }],
  ['sbrinz', { name: 'Sbrinz', ripens: 540, keeps: 365, fat: 47 }],
]);
const DAY = 24 * 3600_000;

const park = new PrinterPark(process.env.UPSTREAM_PORT);
const app = fastify();
let serial = 40_000;

function labelFor({ cheese, grams, made }) {
  const kind = CHEESES.get(cheese);
  const start = new Date(made ?? Date.now()).getTime();
  serial += 1;
  return {
    serial,
    title: kind.name,
    lines: [
      `${(grams / 1000).toFixed(3)} kg   ${kind.fat}% F.i.T.`,
      `batch ${cheese.slice(0, 2).toUpperCase()}${new Date(start).toISOString().slice(2, 10).replaceAll('-', '')}`,
      `best before ${new Date(start + (kind.ripens + kind.keeps) * DAY).toISOString().slice(0, 10)}`,
    ],
    code: `${2_000_000 + (serial % 100_000)}${String(grams).padStart(5, '0')}`,
  };
}

app.get('/healthz', async () => ({ status: 'ok' }));

app.get('/cheeses', async () => [...CHEESES].map(([id, kind]) => ({ id, ...kind })));

app.get('/printers', async () => park.overview());

app.post('/labels', {
  schema: {
    body: {
      type: 'object',
      required: ['cheese', 'grams'],
      properties: {
        cheese: { type: 'string', enum: [...CHEESES.keys()] },
        grams: { type: 'integer', minimum: 50, maximum: 40000 },
        made: { type: 'string' },
      },
    },
  },
}, async (request, reply) => {
  const label = labelFor(request.body);
  const printer = await park.print(raster(label));
  reply.code(201);
  return { serial: label.serial, printer, code: label.code, lines: label.lines };
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
