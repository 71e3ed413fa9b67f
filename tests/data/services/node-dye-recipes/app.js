'use strict';
// Dye house: recipes of a collection's shades, from the spectra of the dyes.
const Fastify = require('fastify');
const { spectrumOf, FROM, STEP, POINTS, STRENGTHS } = require('./spectra');

const DYES = 180;
const FIBRES = { cotton: 1, wool: 0.86, linen: 0.93 };

const collection = (seed, shades) => Array.from({ length: shades }, (_, n) => ({
  code: `${seed}${String(n + 1).padStart(3, '0')}`,
  fibre: Object.keys(FIBRES)[n % 3],
  parts: [0, 1, 2].map((i) => ({ dye: (seed.charCodeAt(0) * 3 + n * 3 + i) % DYES, grams: 4 + ((n * 7 + i * 11) % 24) })),
}));
const collections = { spring: collection('S', 28), autumn: collection('A', 30), uniform: collection('U', 6) };

function strengthOf(grams, fibre) {
  return Math.max(1, Math.min(STRENGTHS, Math.round((grams / 2) * FIBRES[fibre])));
}

function mixture({ fibre, parts }) {
  const total = new Float64Array(POINTS);
  for (const { dye, grams } of parts) {
    const { curves } = spectrumOf(dye);
    const curve = curves[strengthOf(grams, fibre) - 1];
    for (let i = 0; i < POINTS; i += 2) total[i] += curve[i];
  }
  return total;
}

function peak(curve) {
  let at = 0;
  for (let i = 0; i < POINTS; i += 2) if (curve[i] > curve[at]) at = i;
  return FROM + at * STEP;
}

function recipe(shade) {
  const curve = mixture(shade);
  const at = peak(curve);
  return {
    code: shade.code,
    fibre: shade.fibre,
    parts: shade.parts.map(({ dye, grams }) => ({ dye: `D${dye}`, grams })),
    peak: at,
    depth: Number(curve[(at - FROM) / STEP].toFixed(3)),
    bath: Math.round(12 + shade.parts.reduce((sum, p) => sum + p.grams, 0) * 0.4),
  };
}

const app = Fastify();

app.get('/healthz', async () => ({ ok: true }));

app.get('/collections/:name/recipes', async (request, reply) => {
  const shades = collections[request.params.name];
  if (!shades) return reply.code(404).send({ error: 'no such collection' });
  return { collection: request.params.name, recipes: shades.map(recipe) };
});

app.get('/collections/:name/dyes', async (request, reply) => {
  const shades = collections[request.params.name];
  if (!shades) return reply.code(404).send({ error: 'no such collection' });
  const grams = new Map();
  for (const { parts } of shades) for (const p of parts) grams.set(p.dye, (grams.get(p.dye) ?? 0) + p.grams);
  return [...grams].sort(([, a], [, b]) => b - a).map(([dye, total]) => ({ dye: `D${dye}`, grams: total }));
});

app.get('/dyes/:dye/slope', async (request, reply) => {
  const dye = Number(request.params.dye);
  if (!(dye >= 0 && dye < DYES)) return reply.code(404).send({ error: 'no such dye' });
  const { slope } = spectrumOf(dye);
  return { dye, from: FROM, step: STEP * 8, slope: Array.from(slope).filter((_, i) => i % 8 === 0) };
});

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
