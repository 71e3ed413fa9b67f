// Flood warnings for the basins of a canton.
import express from 'express';
import { SIZE, forecast } from './model.mjs';

const THRESHOLDS = [['evacuate', 60], ['warn', 25], ['watch', 8]];
const basins = new Map(Array.from({ length: 24 }, (_, n) => [n, { id: n, name: `Basin ${n}`, gauges: [[n % SIZE, 5], [20, (n * 3) % SIZE], [36, 30]] }]));

// levels of the last years, for comparison with what is forecast
const history = Array.from({ length: 160_000 }, (_, n) => ({ basin: n % 24, at: 1_600_000_000 + n * 900, reading: { depth: (n * 37) % 90, quality: n % 7 ? 'good' : 'estimated' } }));
const byBasin = new Map([...basins.keys()].map((id) => [id, history.filter((level) => level.basin === id)]));

function stageOf(depth) {
  return THRESHOLDS.find(([, limit]) => depth >= limit)?.[0] ?? 'none';
}

function course(states, [x, y]) {
  return states.map(({ hour, cells }) => ({ hour, depth: Number(cells[y * SIZE + x].water.depth.toFixed(2)) }));
}

function deepest(state) {
  let found = state.cells[0];
  for (const cell of state.cells) if (cell.water.depth > found.water.depth) found = cell;
  return { ...found.place, depth: Number(found.water.depth.toFixed(2)), stage: stageOf(found.water.depth) };
}

function highestOnRecord(basin) {
  return byBasin.get(basin).slice(-2000).reduce((max, level) => Math.max(max, level.reading.depth), 0);
}

const app = express();
app.disable('x-powered-by');
app.param('basin', (req, res, next, id) => {
  req.basin = basins.get(Number(id));
  return req.basin ? next() : res.status(404).json({ error: 'no such basin' });
});

app.get('/healthz', (req, res) => res.json({ ok: true }));

app.get('/basins', (req, res) => res.json([...basins.values()].map(({ id, name }) => ({ id, name }))));

app.get('/basins/:basin/forecast', (req, res) => {
  const rain = Number(req.query.rain ?? 20);
  const hours = Number(req.query.hours ?? 12);
  if (!(rain >= 0 && rain <= 200) || !Number.isInteger(hours) || hours < 2 || hours > 24) {
    return res.status(400).json({ error: 'rain or hours' });
  }
  const states = forecast(req.basin.id, rain, hours);
  res.json({
    basin: req.basin.name,
    rain,
    record: highestOnRecord(req.basin.id),
    gauges: req.basin.gauges.map((at) => ({ at, course: course(states, at) })),
    deepest: states.filter((s) => s.hour % 4 === 0).map((s) => ({ hour: s.hour, ...deepest(s) })),
  });
});

app.get('/basins/:basin/levels', (req, res) => {
  res.json(byBasin.get(req.basin.id).slice(-200).map(({ at, reading }) => ({ at, ...reading })));
});

app.listen(Number(process.env.PORT), '127.0.0.1');
