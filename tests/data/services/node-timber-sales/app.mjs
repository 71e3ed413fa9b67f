// Timber sales: what lies at the roadside, what it is worth and who has bid for it.
import Fastify from 'fastify';
import postgres from 'postgres';

const PRICES = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/reference`;
const BATCH = 50;

const sql = postgres(process.env.DATABASE_URL, {
  max: Number(process.env.DB_CONNECTIONS ?? 3),
  idle_timeout: 300,
  connection: { application_name: 'timber-sales' },
});

const volume = (log) => (Math.PI * (log.diameter_cm / 200) ** 2 * log.length_cm) / 100;

const assortment = (log) => `${log.species}/${log.grade}/${Math.floor(log.diameter_cm / 10) * 10}`;

const money = (amount) => Math.round(amount * 100) / 100;

class ReferencePrices {
  constructor(url) {
    this.url = url;
  }

  async of(assortments) {
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([...new Set(assortments)]),
      signal: AbortSignal.timeout(4000),
    });
    if (!answer.ok) throw new Error(`reference prices: ${answer.status}`);
    return answer.json();
  }
}

class Sales {
  async find(id) {
    const [sale] = await sql`SELECT id, forest, held_on, currency FROM sales WHERE id = ${id}`;
    return sale;
  }

  logsOf(id) {
    return sql`
      SELECT id, species, length_cm, diameter_cm, grade, stack FROM logs
      WHERE sale_id = ${id} ORDER BY stack, id`.cursor(BATCH);
  }

  bestBids(id, count) {
    return sql`SELECT bidder, per_m3 FROM bids WHERE sale_id = ${id} ORDER BY per_m3 DESC LIMIT ${count}`;
  }

  between(from, to) {
    return sql`SELECT id, forest, held_on FROM sales WHERE held_on BETWEEN ${from} AND ${to} ORDER BY held_on`;
  }
}

const sales = new Sales();
const reference = new ReferencePrices(PRICES);

function priced(logs, prices) {
  return logs.map((log) => {
    const cubic = volume(log);
    return { ...log, m3: Math.round(cubic * 1000) / 1000, worth: money(cubic * prices[assortment(log)]) };
  });
}

function addToStacks(stacks, lines) {
  for (const line of lines) {
    const stack = stacks.get(line.stack) ?? { stack: line.stack, logs: 0, m3: 0, worth: 0, species: new Set() };
    stack.logs += 1;
    stack.m3 += line.m3;
    stack.worth += line.worth;
    stack.species.add(line.species);
    stacks.set(line.stack, stack);
  }
}

// A large sale may hold some thousand logs, so they are read and priced by the batch.
async function saleList(sale) {
  const stacks = new Map();
  const lines = [];
  for await (const batch of sales.logsOf(sale.id)) {
    const prices = await reference.of(batch.map(assortment));
    const done = priced(batch, prices);
    addToStacks(stacks, done);
    lines.push(...done);
  }
  return {
    stacks: [...stacks.values()].map((s) => ({ ...s, m3: money(s.m3), worth: money(s.worth), species: [...s.species] })),
    logs: lines.map(({ id, stack, species, grade, m3, worth }) => ({ id, stack, species, grade, m3, worth })),
    worth: money(lines.reduce((sum, line) => sum + line.worth, 0)),
  };
}

const app = Fastify({ logger: false });

const idParam = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } }, required: ['id'] } };

app.get('/alive', async () => ({ alive: true }));

app.get('/sales', async (request) => {
  const year = Number(request.query.year ?? 2025);
  return sales.between(`${year}-01-01`, `${year}-12-31`);
});

app.get('/sales/:id/list', { schema: idParam }, async (request, reply) => {
  const sale = await sales.find(request.params.id);
  if (!sale) return reply.code(404).send({ error: 'no such sale' });
  const list = await saleList(sale);
  return { sale: sale.id, forest: sale.forest, heldOn: sale.held_on, currency: sale.currency, ...list };
});

app.get('/sales/:id/bids', { schema: idParam }, async (request) =>
  (await sales.bestBids(request.params.id, 10)).map((bid) => ({ bidder: bid.bidder, perM3: Number(bid.per_m3) })));

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
