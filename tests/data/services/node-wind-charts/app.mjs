// Wind measurement masts: roses, series and the energy a turbine would have made.
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import Hapi from '@hapi/hapi';
import Boom from '@hapi/boom';
import { Mutex } from 'async-mutex';

const GATEWAY = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const SECTORS = 36;
const HEIGHTS = [40, 60, 80];
const POWER = [[3, 0], [5, 140], [8, 820], [11, 2100], [13, 3000], [25, 3000]];
const squeeze = promisify(gzip);

/** Ten-minute means of a mast for about ten weeks, smoothed so that gaps do not show. */
function measure(name) {
  let seed = [...name].reduce((sum, c) => (sum * 33 + c.charCodeAt(0)) % 2147483647, 17);
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const rows = [];
  let speed = 6;
  let direction = 220;
  for (let slot = 0; slot < 10_000; slot += 1) {
    speed = Math.max(0.2, speed + (next() - 0.5) * 1.4 + (6.2 - speed) * 0.02);
    direction = (direction + (next() - 0.5) * 24 + 360) % 360;
    rows.push({ slot, speed, direction });
  }
  for (let pass = 0; pass < 160; pass += 1) {
    for (let n = 1; n < rows.length - 1; n += 1) rows[n].speed = (rows[n - 1].speed + rows[n].speed * 8 + rows[n + 1].speed) / 10;
  }
  return rows;
}

const masts = new Map(Array.from({ length: 24 }, (_, n) => {
  const name = `${['ridge', 'dune', 'moor', 'quarry'][n % 4]}-${n}`;
  return [name, { name, shear: 0.14 + (n % 5) * 0.02, rows: measure(name) }];
}));

class Latest {
  constructor() {
    this.kept = new Map();
    this.lock = new Mutex();
    this.asked = 0;
  }

  async of(name) {
    const known = this.kept.get(name);
    if (known && Date.now() - known.at < 1500) return known.value;
    const answer = await fetch(`${GATEWAY}/masts/${name}/latest`);
    const value = await answer.json();
    this.kept.set(name, { at: Date.now(), value });
    return value;
  }

  count() {
    return this.lock.runExclusive(() => {
      this.asked += 1;
      return this.asked;
    });
  }
}

const latest = new Latest();

const atHeight = (mast, speed, height) => speed * (height / 80) ** mast.shear;

function powerAt(speed) {
  if (speed < POWER[0][0] || speed > 25) return 0;
  const above = POWER.findIndex(([v]) => v >= speed);
  if (above < 1) return POWER[0][1];
  const [[v0, p0], [v1, p1]] = [POWER[above - 1], POWER[above]];
  return p0 + ((p1 - p0) * (speed - v0)) / (v1 - v0);
}

function rose(mast, height) {
  const sectors = Array.from({ length: SECTORS }, (_, n) => ({ from: n * 10, share: 0, mean: 0, energy: 0, classes: new Array(16).fill(0) }));
  for (const row of mast.rows) {
    const speed = atHeight(mast, row.speed, height);
    const sector = sectors[Math.floor(row.direction / 10) % SECTORS];
    sector.share += 1;
    sector.mean += speed;
    sector.energy += powerAt(speed) / 6;
    sector.classes[Math.min(15, Math.floor(speed))] += 1;
  }
  for (const sector of sectors) {
    sector.mean = sector.share ? Math.round((sector.mean / sector.share) * 100) / 100 : 0;
    sector.share = Math.round((sector.share / mast.rows.length) * 10000) / 100;
    sector.energy = Math.round(sector.energy);
  }
  return sectors;
}

const day = (rows, number) => rows.slice(number * 144, number * 144 + 144).map((r) => [Math.round(r.speed * 10) / 10, Math.round(r.direction)]);

function mastOf(request) {
  return masts.get(request.params.name) ?? (() => { throw Boom.notFound('no such mast'); })();
}

const server = Hapi.server({ host: '127.0.0.1', port: Number(process.env.PORT), compression: false });

server.route([
  { method: 'GET', path: '/healthz', handler: () => ({ status: 'ok' }) },
  {
    method: 'GET',
    path: '/masts/{name}/rose',
    handler: async (request, h) => {
      const mast = mastOf(request);
      const height = HEIGHTS.includes(Number(request.query.height)) ? Number(request.query.height) : 80;
      const now = await latest.of(mast.name);
      const body = JSON.stringify({
        mast: mast.name, height, number: await latest.count(), now, sectors: rose(mast, height),
        lastDays: Array.from({ length: 14 }, (_, n) => day(mast.rows, 54 + n)),
      });
      if (!/gzip/.test(request.headers['accept-encoding'] ?? '')) return h.response(body).type('application/json');
      return h.response(await squeeze(body, { level: 4 })).type('application/json').header('content-encoding', 'gzip');
    },
  },
  { method: 'GET', path: '/masts/{name}/days/{day}', handler: (request) => day(mastOf(request).rows, Number(request.params.day)) },
  { method: 'GET', path: '/masts', handler: () => [...masts.values()].map(({ name, shear }) => ({ name, shear })) },
]);

await server.start();
