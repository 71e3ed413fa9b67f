'use strict';
// Frost warnings for vineyards: which plots are at risk in the coming hours, and who has to get up.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');

const STATIONS = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/stations`;
const CRITICAL = { bud: -2.2, leaf: -1.1, flower: -0.5 };
const CREWS = ['north crew', 'river crew', 'hill crew'];

const ESTATES = new Map([
  ['belval', estate('Belval', ['combe', 'terrasse', 'clos-haut', 'clos-bas', 'moulin', 'lisiere', 'plateau'])],
  ['montrive', estate('Montrive', ['grande-vigne', 'source', 'chapelle'])],
  ['valdor', estate('Val d’Or', ['coteau', 'fontaine', 'ruelle', 'cerisier'])],
]);

function estate(name, plots) {
  return {
    name,
    plots: plots.map((plot, i) => ({
      name: plot,
      station: `st-${plot}`,
      altitude: 240 + ((i * 37) % 110),
      hollow: i % 3 === 0,
      stage: ['bud', 'leaf', 'flower'][i % 3],
      hectares: 1.2 + (i % 4) * 0.7,
    })),
  };
}

async function ask(path) {
  const response = await fetch(`${STATIONS}${path}`, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw Boom.badGateway(`stations answered ${response.status}`);
  return response.json();
}

const latestReading = (station) => ask(`/${station}/latest`);
const forecastOf = (station, hours) => ask(`/${station}/forecast?hours=${hours}`);

function wetBulb(air, humidity) {
  return air * Math.atan(0.151977 * Math.sqrt(humidity + 8.313659))
    + Math.atan(air + humidity) - Math.atan(humidity - 1.676331)
    + 0.00391838 * humidity ** 1.5 * Math.atan(0.023101 * humidity) - 4.686035;
}

function lowest(forecast, hours) {
  return forecast.hours.slice(0, hours).reduce((min, { h, low }) => (low < min.low ? { h, low } : min), { h: 0, low: Infinity });
}

function gradeOf(plot, reading, low) {
  const correction = (plot.hollow ? -1.4 : 0) - (plot.altitude - 280) / 150 + Math.min(reading.wind, 3) * 0.3;
  const margin = low + correction - CRITICAL[plot.stage];
  if (margin < 0) return 'alarm';
  return margin < 1.5 ? 'watch' : 'calm';
}

async function plotRisk(plot, hours) {
  const reading = await latestReading(plot.station);
  const coldest = lowest(await forecastOf(plot.station, hours), hours);
  return {
    plot: plot.name,
    stage: plot.stage,
    hectares: plot.hectares,
    wetBulb: Number(wetBulb(reading.air, reading.humidity).toFixed(1)),
    coldest: { inHours: coldest.h, air: Number(coldest.low.toFixed(1)) },
    grade: gradeOf(plot, reading, coldest.low),
  };
}

function crewPlan(rows) {
  const alarmed = rows.filter((row) => row.grade === 'alarm').sort((a, b) => a.coldest.inHours - b.coldest.inHours);
  return alarmed.map((row, i) => ({ plot: row.plot, crew: CREWS[i % CREWS.length], burners: Math.ceil(row.hectares * 300) }));
}

async function riskOf(found, hours) {
  const rows = [];
  for (const plot of found.plots) {
    rows.push(await plotRisk(plot, hours));
  }
  return { estate: found.name, hours, plots: rows, crews: crewPlan(rows) };
}

function findEstate(request) {
  const found = ESTATES.get(request.params.estate);
  if (!found) throw Boom.notFound('no such estate');
  return found;
}

function hoursOf(request) {
  const hours = Number(request.query.hours ?? 6);
  if (!Number.isInteger(hours) || hours < 1 || hours > 12) throw Boom.badRequest('hours: 1 to 12');
  return hours;
}

async function main() {
  const server = Hapi.server({ host: '127.0.0.1', port: Number(process.env.PORT), compression: false });

  server.route([
    { method: 'GET', path: '/estates/{estate}/risk', handler: (request) => riskOf(findEstate(request), hoursOf(request)) },
    {
      method: 'GET',
      path: '/estates/{estate}/plots/{plot}',
      handler: (request) => {
        const plot = findEstate(request).plots.find((p) => p.name === request.params.plot);
        if (!plot) throw Boom.notFound('no such plot');
        return plotRisk(plot, hoursOf(request));
      },
    },
    { method: 'GET', path: '/estates', handler: () => [...ESTATES].map(([id, e]) => ({ id, name: e.name, plots: e.plots.length })) },
    { method: 'GET', path: '/healthz', handler: () => ({ status: 'ok' }) },
  ]);

  await server.start();
}

main();
