import Fastify from 'fastify';
import Piscina from 'piscina';

const app = Fastify({ logger: false });

const labelPool = new Piscina({
  filename: new URL('./label-job.mjs', import.meta.url).href,
  minThreads: 2,
  maxThreads: Number(process.env.LABEL_THREADS ?? 2),
  idleTimeout: 60_000,
});

const TOWNS = ['Bremen', 'Kassel', 'Ulm', 'Trier', 'Jena', 'Husum'];
const shipments = new Map();
for (let n = 20000; n < 22000; n++) {
  shipments.set(`SH-${n}`, {
    id: `SH-${n}`,
    barcode: `JJD0099${n}${(n * 7919) % 10}`,
    weight: 0.4 + (n % 90) / 10,
    to: {
      name: `Customer ${n % 613}`,
      street: `Hauptstr. ${1 + (n % 120)}`,
      postcode: String(10000 + ((n * 37) % 89000)),
      town: TOWNS[n % TOWNS.length],
    },
  });
}

const printed = new Map();

function remember(id, label) {
  const entry = printed.get(id) ?? { count: 0 };
  printed.set(id, { count: entry.count + 1, checksum: label.checksum, at: new Date().toISOString() });
}

app.get('/healthz', async () => ({ ok: true }));

app.get('/shipments/:id', async (req, reply) => {
  const shipment = shipments.get(req.params.id);
  if (!shipment) return reply.code(404).send({ error: 'unknown shipment' });
  return { ...shipment, printed: printed.get(shipment.id) ?? null };
});

const labelBody = {
  type: 'object',
  properties: {
    format: { type: 'string', enum: ['zpl', 'epl'] },
    copies: { type: 'integer', minimum: 1, maximum: 10 },
  },
  required: ['format'],
};

app.post('/shipments/:id/label', { schema: { body: labelBody } }, async (req, reply) => {
  const shipment = shipments.get(req.params.id);
  if (!shipment) return reply.code(404).send({ error: 'unknown shipment' });
  const label = await labelPool.run({ shipment, copies: req.body.copies ?? 1 });
  remember(shipment.id, label);
  return { ...label, format: req.body.format };
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
