'use strict';
// Certificates of measuring devices, for a calibration laboratory.
const express = require('express');
const postgres = require('postgres');

const sql = postgres(process.env.DATABASE_URL, { max: 10, idle_timeout: 60 });
const INTERVAL_MONTHS = { pressure: 12, torque: 6, length: 24, mass: 12 };

async function deviceByTag(tag) {
  const [device] = await sql`
    SELECT d.id, d.tag, d.kind, d.maker, c.name AS customer
    FROM devices d JOIN customers c ON c.id = d.customer_id
    WHERE d.tag = ${tag}`;
  return device;
}

function certificatesOf(deviceId) {
  return sql`
    SELECT number, issued_on, technician, deviation, uncertainty, passed
    FROM certificates
    WHERE device_id = ${deviceId}
    ORDER BY issued_on DESC`;
}

async function certificate(number) {
  const [found] = await sql`
    SELECT number, device_id, issued_on, technician, deviation, uncertainty, passed, remarks
    FROM certificates WHERE number = ${number}`;
  return found;
}

async function devicesOf(customerId) {
  return sql`SELECT tag, kind, maker FROM devices WHERE customer_id = ${customerId} ORDER BY tag LIMIT 200`;
}

function addMonths(date, months) {
  const due = new Date(date);
  due.setUTCMonth(due.getUTCMonth() + months);
  return due;
}

function drift(certificates) {
  if (certificates.length < 2) return null;
  const points = certificates.map((c) => [c.issued_on.getTime() / 31557600000, Number(c.deviation)]);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  let over = 0;
  let under = 0;
  for (const [x, y] of points) {
    over += (x - meanX) * (y - meanY);
    under += (x - meanX) ** 2;
  }
  return under === 0 ? null : Number((over / under).toFixed(5));
}

function presentCertificate(c) {
  return {
    number: c.number,
    issued: c.issued_on.toISOString().slice(0, 10),
    technician: c.technician,
    deviation: `${c.deviation} ± ${c.uncertainty}`,
    result: c.passed ? 'pass' : 'fail',
  };
}

function history(device, certificates) {
  const latest = certificates[0];
  const due = latest ? addMonths(latest.issued_on, INTERVAL_MONTHS[device.kind] ?? 12) : null;
  return {
    tag: device.tag,
    kind: device.kind,
    maker: device.maker,
    customer: device.customer,
    nextDue: due && due.toISOString().slice(0, 10),
    drift: drift(certificates),
    failures: certificates.filter((c) => !c.passed).length,
    certificates: certificates.map(presentCertificate),
  };
}

const app = express();
app.disable('x-powered-by');

app.get('/status', (req, res) => res.json({ ok: true }));

app.get('/devices/:tag/history', async (req, res) => {
  const device = await deviceByTag(req.params.tag);
  if (!device) return res.status(404).json({ error: 'unknown device' });
  res.json(history(device, await certificatesOf(device.id)));
});

app.get('/certificates/:number', async (req, res) => {
  const found = await certificate(req.params.number);
  if (!found) return res.status(404).json({ error: 'unknown certificate' });
  res.json({ ...presentCertificate(found), remarks: found.remarks });
});

app.get('/customers/:id/devices', async (req, res) => {
  res.json(await devicesOf(Number(req.params.id)));
});

app.use((error, req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
