'use strict';
// Tide almanac: high and low waters of a port, day by day, as printed in the harbour office's leaflet.
const fastify = require('fastify');

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// speed in degrees an hour; amplitude (m) and phase (degrees) are the port's own
const SPEEDS = { M2: 28.9841042, S2: 30, N2: 28.4397295, K1: 15.0410686, O1: 13.9430356, M4: 57.9682084 };

const PORTS = {
  'saint-malo': { name: 'Saint-Malo', zone: 'Europe/Paris', locale: 'fr-FR', level: 6.75,
    harmonics: { M2: [3.69, 178], S2: [1.48, 229], N2: [0.71, 159], K1: [0.09, 96], O1: [0.08, 352], M4: [0.27, 321] } },
  dover: { name: 'Dover', zone: 'Europe/London', locale: 'en-GB', level: 3.74,
    harmonics: { M2: [2.24, 333], S2: [0.71, 24], N2: [0.41, 312], K1: [0.05, 42], O1: [0.06, 185], M4: [0.26, 222] } },
  cuxhaven: { name: 'Cuxhaven', zone: 'Europe/Berlin', locale: 'de-DE', level: 1.66,
    harmonics: { M2: [1.34, 338], S2: [0.34, 47], N2: [0.2, 315], K1: [0.08, 14], O1: [0.1, 250], M4: [0.1, 15] } },
};

function heightAt(port, time) {
  const hours = time / HOUR;
  let height = port.level;
  for (const [name, [amplitude, phase]] of Object.entries(port.harmonics)) {
    height += amplitude * Math.cos(((SPEEDS[name] * hours - phase) * Math.PI) / 180);
  }
  return height;
}

/** Golden section between two times that have one extreme between them. */
function refine(port, from, to, sign) {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  while (high - low > 30_000) {
    const a = high - ratio * (high - low);
    const b = low + ratio * (high - low);
    if (sign * heightAt(port, a) > sign * heightAt(port, b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}

function* extremes(port, from, to) {
  const step = HOUR / 2;
  let [before, here] = [heightAt(port, from - step), heightAt(port, from)];
  for (let time = from; time < to; time += step) {
    const after = heightAt(port, time + step);
    if (here > before && here >= after) yield { kind: 'high', time: refine(port, time - step, time + step, 1) };
    if (here < before && here <= after) yield { kind: 'low', time: refine(port, time - step, time + step, -1) };
    [before, here] = [here, after];
  }
}

const AS_DAY = { weekday: 'short', day: '2-digit', month: 'long', year: 'numeric' };
const AS_TIME = { hour: '2-digit', minute: '2-digit', hour12: false };

function printed(port, time, style) {
  return new Date(time).toLocaleString(port.locale, { timeZone: port.zone, ...style });
}

const metres = (height) => Math.round(height * 100) / 100;

/** Range of a tide against the mean spring range, in hundredths. */
function coefficient(port, high, low) {
  const spring = 2 * (port.harmonics.M2[0] + port.harmonics.S2[0]);
  return Math.round(((high - low) / spring) * 100);
}

function warningsFor(port, waters) {
  const notes = [];
  for (const water of waters) {
    if (water.kind === 'high' && water.height > port.level + 4.6) notes.push('quays may flood');
    if (water.kind === 'low' && water.height < port.level - 4.6) notes.push('lock closed at low water');
  }
  return [...new Set(notes)];
}

function almanac(port, from, days) {
  const sheets = new Map();
  for (const { kind, time } of extremes(port, from, from + days * DAY)) {
    const day = printed(port, time, AS_DAY);
    if (!sheets.has(day)) sheets.set(day, []);
    sheets.get(day).push({
      kind,
      at: printed(port, time, AS_TIME),
      height: metres(heightAt(port, time)),
      access: kind === 'high' ? `${printed(port, time - 2.5 * HOUR, AS_TIME)} - ${printed(port, time + 2.5 * HOUR, AS_TIME)}` : null,
    });
  }
  return [...sheets].map(([day, waters]) => {
    const heights = waters.map((w) => w.height);
    return { day, coefficient: coefficient(port, Math.max(...heights), Math.min(...heights)), waters, notes: warningsFor(port, waters) };
  });
}

const app = fastify();

app.decorateRequest('harbour', null);
app.addHook('preHandler', async (request, reply) => {
  if (!request.params?.port) return;
  request.harbour = PORTS[request.params.port];
  if (!request.harbour) return reply.code(404).send({ error: 'no such port' });
});

app.get('/health', async () => ({ status: 'ok' }));

app.get('/ports', async () => Object.entries(PORTS).map(([id, { name, zone }]) => ({ id, name, zone })));

app.get('/ports/:port/height', async (request) => {
  const time = request.query.at ? Date.parse(request.query.at) : Date.now();
  return { at: new Date(time).toISOString(), height: metres(heightAt(request.harbour, time)) };
});

app.get('/ports/:port/almanac', {
  schema: {
    querystring: {
      type: 'object',
      required: ['from'],
      properties: { from: { type: 'string', format: 'date' }, days: { type: 'integer', minimum: 1, maximum: 366, default: 7 } },
    },
  },
}, async (request) => {
  const { from, days } = request.query;
  return { port: request.harbour.name, zone: request.harbour.zone, days: almanac(request.harbour, Date.parse(from), days) };
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
