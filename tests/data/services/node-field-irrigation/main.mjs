// Irrigation advice for farms: how much water goes on which plot, and when the pumps run.
import Fastify from 'fastify';
import { demandLoader, farms, plotLoader, plotsOfFarm } from './loaders.mjs';

const PUMP_M3_H = 90;

const STRATEGIES = { lean: -0.1, usual: 0, safe: 0.15 };

const demandsOf = (plot, from, days) =>
  Promise.all(Array.from({ length: days }, (_, n) => demandLoader.load({ plot: plot.id, day: from + n })));

function soilBalance(plot, demands, reserve) {
  let stored = demands[0].capacity * 0.6;
  return demands.map((demand) => {
    stored = Math.min(demand.capacity, stored + demand.rain - demand.taken);
    const floor = demand.capacity * (0.3 + reserve / 2);
    const give = stored < floor + 60 ? Math.max(0, floor + 60 - stored) : 0;
    stored += give;
    return { day: demand.day, stored: round(stored), give: round(give), hours: bestHours(demand.hours, give * plot.hectares * 10) };
  });
}

const round = (value) => Math.round(value * 10) / 10;

/** The hours in which least of the water is lost. */
function bestHours(hours, cubic) {
  const needed = Math.min(24, Math.ceil(cubic / PUMP_M3_H));
  if (needed === 0) return [];
  const order = hours.map((taken, hour) => ({ hour, taken })).sort((a, b) => a.taken - b.taken || a.hour - b.hour);
  return order.slice(0, needed).map((h) => h.hour).sort((a, b) => a - b);
}

function pumpLoad(lines) {
  const load = new Map();
  for (const { days } of lines) {
    for (const { day, hours } of days) {
      for (const hour of hours) load.set(`${day}/${hour}`, (load.get(`${day}/${hour}`) ?? 0) + 1);
    }
  }
  return [...load].map(([at, pumps]) => ({ at, pumps })).sort((a, b) => b.pumps - a.pumps).slice(0, 24);
}

function totals(lines) {
  return lines.map(({ plot, crop, days }) => ({
    label: `${String(plot).padStart(5, '0')}-${crop.toUpperCase().slice(0, 3)}`,
    text: days.map((d) => `${d.day}: ${d.give.toFixed(1)} mm${d.hours.length ? ` (${d.hours.join(',')})` : ''}`).join('; '),
    sum: round(days.reduce((sum, d) => sum + d.give, 0)),
  })).sort((a, b) => b.sum - a.sum || a.label.localeCompare(b.label));
}

const app = Fastify({ logger: { level: 'error' } });
app.addContentTypeParser('*', { parseAs: 'string' }, (request, text, done) => done(null, text ? JSON.parse(text) : {}));

const planBody = {
  type: 'object',
  required: ['from', 'days'],
  properties: {
    from: { type: 'integer', minimum: 0, maximum: 119 },
    days: { type: 'integer', minimum: 1, maximum: 14 },
    reserve: { type: 'number', minimum: 0, maximum: 0.6, default: 0.2 },
  },
};

app.post('/farms/:id/plan', { schema: { body: planBody } }, async (request, reply) => {
  const farm = farms.get(Number(request.params.id));
  if (!farm) return reply.code(404).send({ error: 'no such farm' });
  const { from, days, reserve } = request.body;
  const plots = await plotsOfFarm.load(farm.id);
  const demands = await Promise.all(plots.map((plot) => demandsOf(plot, from, days)));
  const strategies = Object.entries(STRATEGIES).map(([name, extra]) => {
    const lines = plots.map((plot, n) => ({
      plot: plot.id, crop: plot.crop, soil: plot.soil, days: soilBalance(plot, demands[n], Math.max(0, reserve + extra)),
    }));
    return { name, lines, labels: totals(lines), pumps: pumpLoad(lines) };
  });
  return { farm: farm.name, from, strategies };
});

app.get('/plots/:id/demand', async (request, reply) => {
  const plot = await plotLoader.load(Number(request.params.id)).catch(() => null);
  if (!plot) return reply.code(404).send({ error: 'no such plot' });
  return demandLoader.load({ plot: plot.id, day: Number(request.query.day ?? 0) });
});

app.get('/farms', async () => [...farms.values()]);
app.get('/live', async () => ({ live: true }));

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
