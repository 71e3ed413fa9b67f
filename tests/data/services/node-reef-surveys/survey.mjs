// Transects of a reef: 10 quadrats each, what grows on them and what lives between.
import { setImmediate as breath } from 'node:timers/promises';

const COVER = ['hard coral', 'soft coral', 'algae', 'sponge', 'rubble', 'sand'];
const FISH = ['wrasse', 'parrotfish', 'surgeonfish', 'grouper', 'damselfish', 'butterflyfish', 'goby'];
const POINTS = 1200;
const QUADRATS = 10;

// the photograph of a quadrat is read at points that are spread over it evenly
function pointCounts(seed) {
  const counts = new Array(COVER.length).fill(0);
  let state = seed >>> 0;
  for (let i = 0; i < POINTS; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const shade = Math.abs(Math.sin(state / 2 ** 29 + i / POINTS)) * 0.7 + (seed % 31) / 100;
    counts[Math.min(COVER.length - 1, Math.floor(shade * COVER.length))] += 1;
  }
  return counts;
}

function quadrat(reef, transect, n) {
  const seed = reef * 7919 + transect * 131 + n * 17;
  const counts = pointCounts(seed);
  return {
    n,
    depth: 3 + (seed % 180) / 10,
    cover: COVER.map((kind, i) => ({ kind, percent: Math.round((counts[i] / POINTS) * 1000) / 10 })),
    fish: FISH.filter((_, i) => (seed >> i) & 1).map((name, i) => ({ name, count: 1 + (seed % (i + 4)) })),
  };
}

function richness(quadrats) {
  const counts = new Map();
  for (const q of quadrats) for (const { name, count } of q.fish) counts.set(name, (counts.get(name) ?? 0) + count);
  const all = [...counts.values()].reduce((a, b) => a + b, 0);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / all) * Math.log(count / all);
  return { species: counts.size, shannon: Number(entropy.toFixed(3)) };
}

function meanCover(quadrats) {
  return Object.fromEntries(COVER.map((kind, i) => {
    const mean = quadrats.reduce((sum, q) => sum + q.cover[i].percent, 0) / quadrats.length;
    return [kind, Number(mean.toFixed(1))];
  }));
}

export async function surveyOf(reef, transects) {
  const survey = { reef, transects: [] };
  for (let t = 1; t <= transects; t++) {
    const quadrats = Array.from({ length: QUADRATS }, (_, n) => quadrat(reef, t, n + 1));
    survey.transects.push({ t, quadrats, cover: meanCover(quadrats), ...richness(quadrats) });
    if (t % 20 === 0) await breath();
  }
  return survey;
}

export function bleaching(survey) {
  const percent = survey.transects.map((t) => t.cover['hard coral']);
  const mean = percent.reduce((a, b) => a + b, 0) / (percent.length || 1);
  return { hardCoral: Number(mean.toFixed(1)), alert: mean < 12 ? 'high' : mean < 20 ? 'watch' : 'none' };
}
