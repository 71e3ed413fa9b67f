// Melt of a glacier's tongue, from the brightness that a camera measures in its grid cells.
import { setImmediate as breathe } from 'node:timers/promises';

const SNOW = 0.72;
const ICE = 0.41;

const measured = (camera, first, days) => camera.frames.slice(first, first + days).flat();

// Every stage keeps what it was made from, for `explain`.
function corrected(observations, camera) {
  return observations.map((o) => ({
    ...o, brightness: Math.min(1, o.brightness * (1 + camera.tilt * o.position.row)), stage: 'corrected', from: o,
  }));
}

function withSurface(observations) {
  return observations.map((o) => ({
    ...o, stage: 'surface', from: o, surface: o.brightness > SNOW ? 'snow' : o.brightness > ICE ? 'ice' : 'rock',
  }));
}

function withNeighbours(observations, window) {
  const byCell = new Map();
  for (const o of observations) {
    const history = byCell.get(o.cell) ?? [];
    byCell.set(o.cell, history.length < window ? [...history, o] : [...history.slice(1), o]);
    o.history = byCell.get(o.cell);
  }
  return observations;
}

function withMelt(observations) {
  return observations.map((o) => {
    const before = o.history[0];
    return { ...o, stage: 'melt', from: o, melt: before === o ? 0 : Math.max(0, before.brightness - o.brightness) / o.history.length };
  });
}

// How a day's largest melt came about, stage by stage.
function explain(observation) {
  const steps = [];
  for (let o = observation; o; o = o.from) steps.push({ stage: o.stage ?? 'frame', brightness: Math.round(o.brightness * 1000) / 1000 });
  return { cell: observation.cell, ...observation.position, steps: steps.reverse() };
}

function summary(camera, observations) {
  const days = new Map();
  for (const { day, melt, surface } of observations) {
    const entry = days.get(day) ?? { day, melt: 0, snow: 0, ice: 0, rock: 0 };
    entry.melt += melt;
    entry[surface] += 1;
    days.set(day, entry);
  }
  const largest = observations.reduce((a, b) => (b.melt > a.melt ? b : a));
  return { camera: camera.id, glacier: camera.glacier, largest: explain(largest), days: [...days.values()].map((d) => ({ ...d, melt: Math.round(d.melt * 1000) / 1000 })) };
}

// Lets other requests in between the stages.
export async function meltOf(camera, first, days, window) {
  let observations = measured(camera, first, days);
  await breathe();
  observations = corrected(observations, camera);
  await breathe();
  observations = withSurface(observations);
  await breathe();
  observations = withNeighbours(observations, window);
  await breathe();
  observations = withMelt(observations);
  await breathe();
  return summary(camera, observations);
}
