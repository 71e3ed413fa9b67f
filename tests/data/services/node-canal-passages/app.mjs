// Passage sheets for barge skippers: one page with everything known about today's run.
import Fastify from 'fastify';
import { Pool } from 'undici';

const waterways = new Pool(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`, { connections: 48 });
const app = Fastify({ logger: false });

const HULLS = ['peniche', 'tjalk', 'luxemotor', 'aak'];
const CANALS = [
  { code: 'gw', name: 'Great Western', chambers: 14, km: 38, depth: 1.8 },
  { code: 'lm', name: 'Lower Marne', chambers: 9, km: 27, depth: 2.2 },
  { code: 'zk', name: 'Zijkanaal', chambers: 3, km: 19, depth: 2.6 },
];

const passages = new Map();
for (let n = 1; n <= 120; n++) {
  const canal = CANALS[n % CANALS.length];
  passages.set(`P${n}`, {
    id: `P${n}`,
    canal: canal.code,
    barge: { name: `Margriet ${n}`, hull: HULLS[n % HULLS.length], draught: 1.2 + (n % 9) / 10, speed: 6 + (n % 4) },
    cargo: n % 3 ? { kind: 'gravel', tons: 120 + n } : null,
    departs: `${String(5 + (n % 6)).padStart(2, '0')}:30`,
  });
}

async function ask(path, query = {}) {
  const { statusCode, body } = await waterways.request({ method: 'GET', path, query });
  if (statusCode !== 200) {
    await body.dump();
    const error = new Error(`waterways authority: ${statusCode} for ${path}`);
    error.statusCode = 502;
    throw error;
  }
  return body.json();
}

async function attachPassage(request) {
  const passage = passages.get(request.params.id);
  if (!passage) throw app.httpError(404, 'no such passage');
  request.passage = passage;
  request.canal = CANALS.find((c) => c.code === passage.canal);
  request.sheet = {};
}

async function attachWaterLevel(request) {
  const { gauges } = await ask('/levels', { canal: request.canal.code });
  const lowest = Math.min(...gauges.map((g) => g.metres));
  request.sheet.water = { lowest, clearance: Number((lowest - request.passage.barge.draught).toFixed(2)) };
}

async function attachChambers(request) {
  const { chambers } = await ask('/chambers', { canal: request.canal.code });
  request.sheet.chambers = chambers.map(({ number, opens, closes }) => ({ number, hours: `${opens}-${closes}` }));
}

async function attachWeather(request) {
  const { wind, gusts, fog } = await ask('/weather', { canal: request.canal.code });
  request.sheet.weather = { wind, advice: gusts > 60 ? 'stay moored' : fog ? 'lights on' : 'fair' };
}

async function attachClosures(request) {
  const { closures } = await ask('/closures', { canal: request.canal.code });
  request.sheet.closures = closures.filter((c) => c.until > request.passage.departs);
}

async function attachMoorings(request) {
  const { free } = await ask('/moorings', { canal: request.canal.code, hull: request.passage.barge.hull });
  request.sheet.moorings = free.slice(0, 4);
}

async function attachDues(request) {
  const { cents } = await ask('/dues', { canal: request.canal.code, tons: request.passage.cargo?.tons ?? 0 });
  request.sheet.dues = (cents / 100).toFixed(2);
}

function hoursUnderWay({ canal, passage }) {
  const sailing = canal.km / passage.barge.speed;
  const locking = (canal.chambers * 18) / 60;
  return Number((sailing + locking).toFixed(1));
}

app.decorate('httpError', (statusCode, message) => Object.assign(new Error(message), { statusCode }));
app.decorateRequest('passage', null);
app.decorateRequest('canal', null);
app.decorateRequest('sheet', null);

app.get('/health', async () => ({ up: true }));

app.get('/canals', async () => CANALS);

app.get('/passages', async (request) => {
  const { canal } = request.query;
  return [...passages.values()].filter((p) => !canal || p.canal === canal).map(({ id, barge, departs }) => ({ id, barge: barge.name, departs }));
});

app.register(async (scope) => {
  scope.addHook('preHandler', attachPassage);

  scope.get('/passages/:id', async (request) => request.passage);

  scope.get('/passages/:id/dues', { preHandler: attachDues }, async (request) => request.sheet);

  scope.get('/passages/:id/sheet', {
    preHandler: [attachWaterLevel, attachChambers, attachWeather, attachClosures, attachMoorings, attachDues],
  }, async (request) => ({
    passage: request.passage.id,
    barge: request.passage.barge.name,
    canal: request.canal.name,
    departs: request.passage.departs,
    hours: hoursUnderWay(request),
    safe: request.sheet.water.clearance > 0.2 && request.sheet.closures.length === 0,
    ...request.sheet,
  }));
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
