'use strict';
// Walking trails: their height profile, the climb, how long they take.
const polka = require('polka');
const { SheetStore } = require('./sheets.cjs');

const store = new SheetStore({ width: 14, height: 10, budget: 512 * 1024 });

const HUTS = [
  { name: 'Alp Sura', east: 2.4, north: 3.1 },
  { name: 'Chamanna Grialetsch', east: 9.2, north: 6.8 },
  { name: 'Refuge des Dents', east: 6.6, north: 1.9 },
];

// A trail is a closed walk through points in kilometres, with a stake every few hundred metres.
function loop(name, centre, radius, turns, stakes) {
  const points = Array.from({ length: stakes }, (_, i) => {
    const angle = (i / stakes) * 2 * Math.PI;
    const reach = radius * (1 + 0.18 * Math.cos(angle * turns));
    return [centre[0] + reach * 1.4 * Math.cos(angle), centre[1] + reach * Math.sin(angle)];
  });
  return { name, points };
}

const TRAILS = new Map([
  ['ridge-loop', loop('Ridge loop', [7, 5], 3.7, 5, 240)],
  ['lake-round', loop('Round the lake', [4.5, 4.5], 0.8, 3, 90)],
  ['marmot-walk', loop('Marmot walk', [10.5, 6.5], 0.4, 2, 60)],
]);

function kilometres([e1, n1], [e2, n2]) {
  return Math.hypot(e2 - e1, n2 - n1);
}

function heights(trail) {
  return trail.points.map(([east, north]) => store.heightAt(east, north));
}

function smoothed(values) {
  return values.map((_, i) => {
    const around = [values.at(i - 1), values[i], values[(i + 1) % values.length]].filter((h) => h !== null);
    return around.reduce((sum, h) => sum + h, 0) / around.length;
  });
}

function climb(values) {
  let up = 0;
  let down = 0;
  for (let i = 1; i < values.length; i += 1) {
    const step = values[i] - values[i - 1];
    if (step > 0) up += step;
    else down -= step;
  }
  return { up: Math.round(up), down: Math.round(down) };
}

function lengthOf(trail) {
  return trail.points.reduce((sum, point, i) => sum + kilometres(point, trail.points[(i + 1) % trail.points.length]), 0);
}

function walkingTime(km, { up, down }) {
  const flat = km / 4.2;
  const steep = up / 300 + down / 500;
  const hours = Math.max(flat, steep) + Math.min(flat, steep) / 2;
  return `${Math.floor(hours)}:${String(Math.round((hours % 1) * 59)).padStart(2, '0')}`;
}

function shelters(trail) {
  return HUTS.map((hut) => ({ hut: hut.name, km: Math.min(...trail.points.map((p) => kilometres(p, [hut.east, hut.north]))) }))
    .filter(({ km }) => km < 1.5)
    .map(({ hut, km }) => ({ hut, km: Number(km.toFixed(2)) }));
}

function profile(trail) {
  const line = smoothed(heights(trail));
  const ascent = climb(line);
  const km = lengthOf(trail);
  let walked = 0;
  const stakes = line.map((height, i) => {
    if (i > 0) walked += kilometres(trail.points[i - 1], trail.points[i]);
    return [Number(walked.toFixed(2)), Math.round(height)];
  });
  return { trail: trail.name, km: Number(km.toFixed(1)), ...ascent, time: walkingTime(km, ascent), highest: Math.round(Math.max(...line)), shelters: shelters(trail), stakes };
}

function send(res, status, content) {
  const text = JSON.stringify(content);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

function findTrail(req, res, next) {
  req.trail = TRAILS.get(req.params.trail);
  if (req.trail) next();
  else send(res, 404, { error: 'no such trail' });
}

polka()
  .get('/trails', (_req, res) => send(res, 200, [...TRAILS].map(([id, t]) => ({ id, name: t.name, km: Number(lengthOf(t).toFixed(1)) }))))
  .get('/trails/:trail/profile', findTrail, (req, res) => send(res, 200, profile(req.trail)))
  .get('/trails/:trail/shelters', findTrail, (req, res) => send(res, 200, shelters(req.trail)))
  .get('/heights/:east/:north', (req, res) => {
    const height = store.heightAt(Number(req.params.east), Number(req.params.north));
    if (height === null) send(res, 404, { error: 'outside the survey' });
    else send(res, 200, { height });
  })
  .get('/alive', (_req, res) => send(res, 200, { sheets: store.sheets }))
  .listen(Number(process.env.PORT), '127.0.0.1');
