// Company shuttles: where a bus is and when it will be at its stops.
const { Readable } = require('node:stream');
const Hapi = require('@hapi/hapi');
const { Agent, request } = require('undici');

const CENTRE = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 30_000, bodyTimeout: 4000, headersTimeout: 4000 });

const STOPS = ['Gate 1', 'Canteen', 'Paint shop', 'Foundry', 'Tower', 'Station', 'Hostel', 'Clinic', 'Test track', 'Gate 4', 'Archive', 'Depot'];

const runs = new Map(
  Array.from({ length: 30 }, (_, n) => {
    const start = n % 5;
    const line = `${'ABC'[n % 3]}${n}`;
    const id = n === 12 ? 'B12' : line;
    return [id, {
      id,
      bus: `W-${400 + n}`,
      seats: 20 + (n % 3) * 14,
      stops: Array.from({ length: 8 + (n % 3) }, (_unused, k) => ({ order: k, name: STOPS[(start + k) % STOPS.length], planned: 6 * 60 + n * 9 + k * 4 })),
    }];
  }),
);

const clock = (minutes) => `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(Math.round(minutes) % 60).padStart(2, '0')}`;

class TrafficCentre {
  constructor(base) {
    this.base = base;
  }

  async forecast(bus, stop) {
    const query = new URLSearchParams({ bus, stop });
    const { statusCode, body } = await request(`${this.base}/forecast?${query}`, { dispatcher });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`traffic centre: ${statusCode}`);
    }
    return body.json();
  }
}

class Timetable {
  constructor(known, centre) {
    this.known = known;
    this.centre = centre;
  }

  run(id) {
    return this.known.get(id);
  }

  stopsOf(run) {
    return Readable.from(run.stops);
  }

  async withForecast(run, stop) {
    const { minutes, jam, measured } = await this.centre.forecast(run.bus, stop.name);
    return { ...stop, delay: minutes - 2, jam, measured };
  }

  /** The stops in their order, each with what the traffic centre expects. */
  arrivals(run) {
    return this.stopsOf(run)
      .filter((stop) => stop.planned > 0)
      .map((stop) => this.withForecast(run, stop))
      .map((stop) => ({ ...stop, expected: stop.planned + Math.max(0, stop.delay) }))
      .toArray();
  }
}

function note(stops) {
  const jams = stops.filter((stop) => stop.jam).map((stop) => stop.name);
  if (!jams.length) return 'runs freely';
  return `traffic is slow before ${jams.slice(0, 3).join(', ')}`;
}

function board(run, stops) {
  return {
    run: run.id,
    bus: run.bus,
    note: note(stops),
    stops: stops.map(({ name, planned, expected, delay }) => ({
      name, planned: clock(planned), expected: clock(expected), late: delay > 1 ? `${delay} min` : null,
    })),
    end: clock(Math.max(...stops.map((stop) => stop.expected))),
  };
}

async function main() {
  const timetable = new Timetable(runs, new TrafficCentre(CENTRE));
  const server = Hapi.server({ host: '127.0.0.1', port: Number(process.env.PORT) });

  server.ext('onPreHandler', (req, h) => {
    if (req.params.run) {
      req.app.run = timetable.run(req.params.run);
      if (!req.app.run) return h.response({ error: 'no such run' }).code(404).takeover();
    }
    return h.continue;
  });

  server.route([
    { method: 'GET', path: '/status', handler: () => ({ status: 'running' }) },
    { method: 'GET', path: '/runs', handler: () => [...runs.values()].map(({ id, bus, seats }) => ({ id, bus, seats })) },
    {
      method: 'GET',
      path: '/runs/{run}/arrivals',
      handler: async (req) => board(req.app.run, await timetable.arrivals(req.app.run)),
    },
    {
      method: 'GET',
      path: '/runs/{run}/stops/{order}',
      handler: async (req, h) => {
        const stop = req.app.run.stops[Number(req.params.order)];
        if (!stop) return h.response({ error: 'no such stop' }).code(404);
        return timetable.withForecast(req.app.run, stop);
      },
    },
  ]);
  await server.start();
}

main();
