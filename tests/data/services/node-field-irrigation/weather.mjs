// A season of hourly weather at the stations, and what a crop takes out of the soil under it.
export const STATIONS = ['hill', 'river', 'plain'];
const DAYS = 120;

function series(seed) {
  const hours = new Array(DAYS * 24);
  for (let h = 0; h < hours.length; h++) {
    const sun = Math.max(0, Math.sin(((h % 24) - 6) / 12 * Math.PI));
    hours[h] = {
      temperature: 14 + 9 * sun + 3 * Math.sin(h / 190 + seed),
      humidity: 78 - 30 * sun + 6 * Math.cos(h / 77 + seed),
      wind: 1.2 + 1.6 * Math.abs(Math.sin(h / 31 + seed)),
      radiation: 820 * sun,
      rain: (h * 7 + seed * 13) % 97 === 0 ? 2.5 : 0,
    };
  }
  return hours;
}

const seasons = new Map(STATIONS.map((name, n) => [name, series(n + 1)]));

export const hoursOf = (station, day) => seasons.get(station).slice((day % DAYS) * 24, (day % DAYS) * 24 + 24);

export function between(a, b, share) {
  const mixed = {};
  for (const key of ['temperature', 'humidity', 'wind', 'radiation']) mixed[key] = a[key] * (1 - share) + b[key] * share;
  return mixed;
}

const saturation = (t) => 0.6108 * Math.exp((17.27 * t) / (t + 237.3));

/** Evapotranspiration of one hour in millimetres (Penman-Monteith, short grass). */
export function evaporation({ temperature, humidity, wind, radiation }) {
  const es = saturation(temperature);
  const slope = (4098 * es) / (temperature + 237.3) ** 2;
  const net = radiation * 0.0036 * 0.77 - 0.04;
  const soil = radiation > 0 ? 0.1 * net : 0.5 * net;
  const top = 0.408 * slope * (net - soil) + 0.0665 * (37 / (temperature + 273)) * wind * es * (1 - humidity / 100);
  return Math.max(0, top / (slope + 0.0665 * (1 + 0.34 * wind)));
}
