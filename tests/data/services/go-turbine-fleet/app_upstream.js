'use strict';
// SCADA gateway: reads the controllers of up to 12 turbines over the field bus.
const { createServer } = require('node:http');
const { setTimeout: wait } = require('node:timers/promises');

const LIMIT = 12;

function reading(id) {
  const n = [...id].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) % 997;
  const wind = 6 + (n % 70) / 10;
  const power = Math.round(4200 * Math.min(1, ((wind - 3.5) / 9) ** 2.2) * (0.7 + (n % 35) / 100));
  return { id, wind, power, gearbox: 55 + (n % 26), pitch: (n % 9) / 2 };
}

createServer(async (req, res) => {
  const ids = (new URL(req.url, 'http://localhost').searchParams.get('ids') ?? '').split(',').filter(Boolean);
  if (ids.length > LIMIT) {
    res.statusCode = 413;
    res.end();
    return;
  }
  await wait(26 + Math.random() * 16);
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ readings: ids.map(reading) }));
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
