'use strict';
const express = require('express');
const knex = require('./db');
const { authorise } = require('./payments');

const app = express();
app.use(express.json());

function checkBooking(body) {
  const problems = [];
  if (typeof body?.guest !== 'string' || body.guest.length < 2) problems.push('guest');
  if (!Number.isInteger(body?.seats) || body.seats < 1 || body.seats > 8) problems.push('seats');
  return problems;
}

async function bookSeats(departureId, { guest, seats }) {
  return knex.transaction(async (trx) => {
    const departure = await trx('departures').where({ id: departureId }).first();
    if (!departure) return null;
    const [booking] = await trx('bookings').insert({ departure_id: departureId, guest, seats }).returning(['id']);
    const amount = Number(departure.price) * seats;
    const payment = await authorise(amount, guest);
    await trx('bookings').where({ id: booking.id })
      .update({ payment_ref: payment.reference, state: payment.approved ? 'paid' : 'declined' });
    return { id: booking.id, tour: departure.tour, leavesAt: departure.leaves_at, amount, payment: payment.reference };
  });
}

app.get('/healthz', (_req, res) => res.json({ ok: true }));

app.get('/departures/:id', async (req, res) => {
  const departure = await knex('departures').where({ id: Number(req.params.id) }).first();
  if (!departure) return res.status(404).json({ error: 'no such departure' });
  const [{ taken }] = await knex('bookings').where({ departure_id: departure.id }).sum({ taken: 'seats' });
  res.json({ ...departure, taken: Number(taken ?? 0) });
});

app.post('/departures/:id/bookings', async (req, res) => {
  const problems = checkBooking(req.body);
  if (problems.length) return res.status(422).json({ problems });
  const booking = await bookSeats(Number(req.params.id), req.body);
  if (!booking) return res.status(404).json({ error: 'no such departure' });
  res.status(201).json(booking);
});

app.use((err, _req, res, _next) => {
  console.error(err.message);
  res.status(500).json({ error: 'internal' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
