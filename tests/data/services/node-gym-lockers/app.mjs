// Lockers of a gym: members rent them for some weeks, idle rentals are released in the background.
import express from 'express';
import { LockerHall, HallError } from './hall.mjs';

const MEMBERSHIP = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

async function contractOf(member) {
  const response = await fetch(`${MEMBERSHIP}/members/${member}`);
  if (!response.ok) throw new HallError(502, `membership desk: ${response.status}`);
  return response.json();
}

const hall = new LockerHall({ lockers: 120, members: 400, contractOf });

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '8kb' }));

app.post('/lockers/:number/rentals', async (req, res) => {
  const { member, weeks = 1 } = req.body ?? {};
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > 26) throw new HallError(422, 'weeks: 1 to 26');
  res.status(201).json(await hall.rent(req.params.number, member, weeks));
});

app.get('/lockers/:number', (req, res) => {
  res.json(hall.describe(req.params.number));
});

app.get('/members/:id/lockers', (req, res) => {
  res.json(hall.rentedBy(req.params.id));
});

app.get('/occupancy', (_req, res) => {
  res.json(hall.occupancy());
});

app.get('/health', (_req, res) => {
  res.json({ status: 'ok' });
});

app.use((error, _req, res, _next) => {
  res.status(error instanceof HallError ? error.status : 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => hall.startHousekeeping(350));
