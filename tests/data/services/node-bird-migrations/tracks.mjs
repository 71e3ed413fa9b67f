// Positions of ringed birds, in columns, indexed by species and by square of two degrees.
const SPECIES = ['osprey', 'stork', 'crane', 'kite', 'swift', 'curlew'];
const CELL = 2;

function generator(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export class Tracks {
  #columns;
  #squares = new Map();
  #birds;

  constructor({ birds, days, seed }) {
    const random = generator(seed);
    const size = birds * days;
    this.#birds = birds;
    this.#columns = { bird: new Uint16Array(size), day: new Uint16Array(size), lon: new Float32Array(size), lat: new Float32Array(size), km: new Float32Array(size) };
    let at = 0;
    for (let bird = 0; bird < birds; bird += 1) {
      let lon = -8 + random() * 40;
      let lat = 50 + random() * 16;
      for (let day = 0; day < days; day += 1) {
        const season = Math.sin((day / 365) * 2 * Math.PI + 1.2);
        const [east, south] = [(random() - 0.5) * 1.1, season * 0.6 + (random() - 0.5) * 0.5];
        lon = Math.max(-18, Math.min(42, lon + east));
        lat = Math.max(-30, Math.min(70, lat + south));
        this.#put(at, bird, day, lon, lat, Math.hypot(east * 72, south * 111));
        at += 1;
      }
    }
    for (const [key, rows] of this.#squares) this.#squares.set(key, Uint32Array.from(rows));
  }

  #put(at, bird, day, lon, lat, km) {
    const { bird: b, day: d, lon: x, lat: y, km: k } = this.#columns;
    b[at] = bird;
    d[at] = day;
    x[at] = lon;
    y[at] = lat;
    k[at] = km;
    const key = `${SPECIES[bird % SPECIES.length]}:${Math.floor(lon / CELL)}:${Math.floor(lat / CELL)}`;
    const rows = this.#squares.get(key);
    if (rows) rows.push(at);
    else this.#squares.set(key, [at]);
  }

  within(species, { from, to }, [west, south, east, north]) {
    const { bird, day, lon, lat, km } = this.#columns;
    const found = [];
    for (let x = Math.floor(west / CELL); x <= Math.floor(east / CELL); x += 1) {
      for (let y = Math.floor(south / CELL); y <= Math.floor(north / CELL); y += 1) {
        for (const at of this.#squares.get(`${species}:${x}:${y}`) ?? []) {
          if (day[at] < from || day[at] > to) continue;
          if (lon[at] < west || lon[at] > east || lat[at] < south || lat[at] > north) continue;
          found.push({ bird: bird[at], day: day[at], lon: Math.round(lon[at] * 100) / 100, lat: Math.round(lat[at] * 100) / 100, km: Math.round(km[at]) });
        }
      }
    }
    return found;
  }

  ring(bird) {
    return `R${String(bird * 7919 % 100000).padStart(5, '0')}`;
  }

  get birds() {
    return this.#birds;
  }
}

export const speciesNames = SPECIES;
