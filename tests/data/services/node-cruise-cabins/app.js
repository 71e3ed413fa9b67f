'use strict';
// Cabin search of a cruise agency.
const express = require('express');
const compression = require('compression');
const { deckCabins } = require('./inventory-client');

const SAILINGS = new Map([
  ['baltic-12', { ship: 'Aurelia', nights: 12, decks: [3, 4, 5, 6, 7, 8], from: 1190 }],
  ['fjord-7', { ship: 'Aurelia', nights: 7, decks: [3, 4, 5, 6], from: 870 }],
  ['azores-10', { ship: 'Corvina', nights: 10, decks: [2, 3, 4, 5, 6], from: 990 }],
]);
const FACTORS = { inside: 1, outside: 1.22, balcony: 1.58, suite: 2.4 };

function price(sailing, cabin, deck, guests) {
  const high = 1 + (deck - Math.min(...sailing.decks)) * 0.03;
  const single = guests === 1 ? 1.6 : 1;
  return Math.round(sailing.from * FACTORS[cabin.type] * high * single * guests);
}

function suits(cabin, guests) {
  return cabin.free && cabin.berths >= guests && cabin.berths <= guests + 2;
}

async function searchCabins(id, sailing, guests) {
  const decks = await Promise.all(
    sailing.decks.map(async (deck) => {
      const cabins = await deckCabins(id, deck);
      return cabins
        .filter((cabin) => suits(cabin, guests))
        .map((cabin) => ({ cabin: cabin.number, deck, type: cabin.type, total: price(sailing, cabin, deck, guests) }));
    }),
  );
  return decks.flat().sort((a, b) => a.total - b.total || a.cabin.localeCompare(b.cabin));
}

function cheapestByType(offers) {
  const best = {};
  for (const offer of offers) best[offer.type] ??= offer;
  return best;
}

const app = express();
app.use(compression());

app.get('/healthz', (req, res) => res.send('ok'));

app.get('/sailings', (req, res) => {
  res.json([...SAILINGS].map(([id, { ship, nights, from }]) => ({ id, ship, nights, from })));
});

app.get('/sailings/:id/cabins', async (req, res, next) => {
  try {
    const sailing = SAILINGS.get(req.params.id);
    if (!sailing) return res.status(404).json({ error: 'no such sailing' });
    const guests = Math.min(4, Math.max(1, Number(req.query.guests) || 2));
    const offers = await searchCabins(req.params.id, sailing, guests);
    res.json({ ship: sailing.ship, nights: sailing.nights, guests, best: cheapestByType(offers), offers });
  } catch (error) {
    next(error);
  }
});

app.use((error, req, res, next) => {
  console.error(error.message);
  res.status(502).json({ error: 'inventory is not available' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
