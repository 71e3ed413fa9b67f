import DataLoader from 'dataloader';
import { between, evaporation, hoursOf } from './weather.mjs';

const CROPS = { maize: 1.15, potato: 1.05, onion: 0.95, clover: 0.85 };
const SOILS = { sand: 60, loam: 140, clay: 180 };

export const farms = new Map(Array.from({ length: 30 }, (_, n) => [n + 1, { id: n + 1, name: `Farm ${n + 1}`, plots: 24 + (n % 5) * 6 }]));

const plots = new Map();
for (const farm of farms.values()) {
  for (let n = 0; n < farm.plots; n++) {
    const id = farm.id * 100 + n;
    plots.set(id, {
      id, farm: farm.id, crop: Object.keys(CROPS)[(id * 3) % 4], soil: Object.keys(SOILS)[(id * 5) % 3],
      station: ['hill', 'river', 'plain'][(id >> 2) % 3], hectares: 0.8 + (n % 7) * 0.45,
    });
  }
}

const byFarm = Map.groupBy
  ? Map.groupBy(plots.values(), (plot) => plot.farm)
  : [...plots.values()].reduce((map, plot) => map.set(plot.farm, [...(map.get(plot.farm) ?? []), plot]), new Map());

export const plotLoader = new DataLoader(async (ids) => ids.map((id) => plots.get(id) ?? new Error(`no plot ${id}`)));
export const plotsOfFarm = new DataLoader(async (ids) => ids.map((id) => byFarm.get(id) ?? []));

function demandOf(plot, day) {
  const season = hoursOf(plot.station, day);
  const hours = season.map((weather, hour) => {
    const next = season[hour + 1] ?? weather;
    let taken = 0;
    for (let quarter = 0; quarter < 4; quarter++) taken += evaporation(between(weather, next, quarter / 4)) / 4;
    return Math.round(taken * CROPS[plot.crop] * 1000);
  });
  return {
    plot: plot.id,
    day,
    hours,
    taken: hours.reduce((sum, micrometres) => sum + micrometres, 0) / 1000,
    rain: season.reduce((sum, weather) => sum + weather.rain, 0),
    capacity: SOILS[plot.soil],
  };
}

/** Water that a plot takes on a day; resolvers of one tick are answered together. */
export const demandLoader = new DataLoader(async (keys) => {
  const wanted = await plotLoader.loadMany(keys.map((key) => key.plot));
  return wanted.map((plot, n) => (plot instanceof Error ? plot : demandOf(plot, keys[n].day)));
}, { maxBatchSize: 200 });
