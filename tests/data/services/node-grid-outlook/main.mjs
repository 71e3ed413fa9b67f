// What the wind and solar sites of a region are going to feed into the grid.
import polka from 'polka';
import { regionOutlook } from './outlook.mjs';

const REGIONS = ['west', 'coast', 'upland'];
const LIMIT_MW = { west: 260, coast: 420, upland: 180 };

const sites = new Map(
  REGIONS.map((region, r) => [
    region,
    Array.from({ length: 18 }, (_, n) => ({
      id: `${region}-${n + 1}`, kind: (n + r) % 3 === 0 ? 'solar' : 'wind', peak: 6 + ((n * 7 + r) % 22), offline: n % 9 === 8,
    })),
  ]),
);

function send(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

function curtailment(region, total) {
  return total
    .map((megawatts, hour) => ({ hour, over: Math.round((megawatts - LIMIT_MW[region]) * 10) / 10 }))
    .filter(({ over }) => over > 0);
}

const app = polka({
  onError(error, req, res) {
    console.error(error);
    send(res, 502, { error: 'no forecast' });
  },
});

app.get('/up', (req, res) => send(res, 200, { up: true }));

app.get('/regions', (req, res) => send(res, 200, REGIONS.map((id) => ({ id, sites: sites.get(id).length, limit: LIMIT_MW[id] }))));

app.get('/regions/:region/outlook', async (req, res, next) => {
  try {
    const { region } = req.params;
    if (!sites.has(region)) return send(res, 404, { error: 'no such region' });
    const hours = Math.min(72, Math.max(1, Number(req.query.hours) || 24));
    const outlook = await regionOutlook(sites.get(region), hours);
    send(res, 200, {
      region, hours,
      megawatts: outlook.total.map((value) => Math.round(value * 10) / 10),
      curtailment: curtailment(region, outlook.total),
      sites: outlook.sites,
    });
  } catch (error) {
    next(error);
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1');
