'use strict';
// Rehearsal rooms by the hour.
const express = require('express');
const bookings = require('./bookings');

const app = express();
app.use(express.json());

app.get('/up', (req, res) => res.send('up'));

app.get('/rooms', async (req, res) => {
  res.json(await bookings.rooms());
});

app.get('/rooms/:room/day/:day', async (req, res) => {
  res.json(await bookings.day(Number(req.params.room), req.params.day));
});

app.post('/bookings', async (req, res) => {
  const { band, hours, from } = req.body ?? {};
  if (!Number.isInteger(band) || !(hours >= 1 && hours <= 6)) {
    res.status(422).json({ error: 'band and hours (1 to 6) are required' });
    return;
  }
  const made = await bookings.book({ band, hours, from: new Date(from) });
  res.status(201).json(made);
});

app.delete('/bookings/:id', async (req, res) => {
  const gone = await bookings.cancel(Number(req.params.id));
  res.status(gone ? 204 : 404).end();
});

app.use((error, req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(error.status ?? 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
