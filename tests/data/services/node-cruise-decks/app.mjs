// Cruise agent: which cabins are left, and what they cost.
import express from 'express';
import { SHIPS, cabinsOf, deckPlan, price } from './offers.mjs';

const inquiries = new Map();

function stayOf({ nights, guests }) {
  const stay = { nights: Number(nights ?? 7), guests: Number(guests ?? 2) };
  const valid = Number.isInteger(stay.nights) && stay.nights > 0 && stay.nights < 60 && Number.isInteger(stay.guests) && stay.guests > 0 && stay.guests < 5;
  return valid ? stay : null;
}

function cheapestByKind(offers) {
  const best = {};
  for (const offer of offers) {
    if (!best[offer.kind] || offer.price < best[offer.kind].price) best[offer.kind] = offer;
  }
  return best;
}

function count(ship) {
  inquiries.set(ship, (inquiries.get(ship) ?? 0) + 1);
}

const app = express();
app.disable('x-powered-by');
app.param('ship', (req, res, next, ship) => (Object.hasOwn(SHIPS, ship) ? next() : res.status(404).json({ error: 'no such ship' })));

app.get('/ping', (req, res) => res.send('pong'));

app.get('/ships', (req, res) => {
  res.json(Object.entries(SHIPS).map(([id, { name, decks }]) => ({ id, name, decks: decks.length, inquiries: inquiries.get(id) ?? 0 })));
});

app.get('/ships/:ship/cabins', async (req, res) => {
  const stay = stayOf(req.query);
  if (!stay) return res.status(400).json({ error: 'nights or guests' });
  const { ship } = req.params;
  count(ship);
  const offers = await cabinsOf(ship, stay);
  offers.sort((a, b) => a.price - b.price || a.number - b.number);
  res.json({ ship: SHIPS[ship].name, ...stay, free: offers.length, best: cheapestByKind(offers), offers: offers.slice(0, 40) });
});

app.get('/ships/:ship/cabins/:number', async (req, res) => {
  const stay = stayOf(req.query);
  const { ship, number } = req.params;
  const deck = Math.floor(Number(number) / 100);
  if (!stay || !SHIPS[ship].decks.includes(deck)) return res.status(404).json({ error: 'no such cabin' });
  const cabin = (await deckPlan(ship, deck)).cabins.find((c) => c.number === Number(number));
  if (!cabin) return res.status(404).json({ error: 'no such cabin' });
  res.json({ ...cabin, price: cabin.sold ? null : price(cabin, deck, ship, stay) });
});

app.use((error, req, res, next) => {
  res.status(502).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
