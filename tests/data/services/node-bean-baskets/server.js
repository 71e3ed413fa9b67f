'use strict';
// Green coffee by the bag: baskets of lots, estimates of what they cost, orders.
const express = require('express');
const { Market, Estimate, GRADES, CURRENCIES } = require('./estimate');

const market = new Market().open();
const orders = new Map();
const baskets = new Map(Array.from({ length: 60 }, (_, n) => [`b-${n}`, makeBasket(n)]));

function makeBasket(n) {
  return {
    id: `b-${n}`,
    customer: `Roastery ${n}`,
    items: Array.from({ length: 240 + ((n * 37) % 160) }, (_, k) => ({
      lot: `L${(n * 977 + k * 31) % 90000}`,
      grade: GRADES[(n + k * 5) % GRADES.length],
      bags: 1 + ((n * k) % 29),
    })),
  };
}

function findBasket(req, res, next) {
  req.basket = baskets.get(req.params.basket);
  if (!req.basket) return res.status(404).json({ error: 'no such basket' });
  next();
}

function wantedCurrency(req, res, next) {
  req.currency = req.query.currency ?? 'USD';
  if (!(req.currency in CURRENCIES)) return res.status(400).json({ error: 'currency' });
  next();
}

function place(estimate) {
  const order = { id: `o-${orders.size + 1}`, customer: estimate.customer, currency: estimate.currency, total: estimate.total };
  orders.set(order.id, order);
  return order;
}

const app = express();
app.disable('x-powered-by');
app.use(express.json());

app.get('/healthz', (req, res) => res.json({ open: Boolean(market.timer) }));

app.get('/market', wantedCurrency, (req, res) => {
  res.json(Object.fromEntries(GRADES.map((grade) => [grade, Number(market.price(grade, req.currency).toFixed(4))])));
});

app.get('/baskets/:basket', findBasket, (req, res) => res.json(req.basket));

app.get('/baskets/:basket/estimate', findBasket, wantedCurrency, (req, res) => {
  const estimate = new Estimate(market, req.basket, req.currency);
  res.json(estimate);
});

app.put('/baskets/:basket/items/:lot', findBasket, (req, res) => {
  const item = req.basket.items.find((i) => i.lot === req.params.lot);
  const bags = Number(req.body?.bags);
  if (!item || !Number.isInteger(bags) || bags < 1) return res.status(item ? 422 : 404).json({ error: 'lot or bags' });
  item.bags = bags;
  res.json(item);
});

app.post('/baskets/:basket/order', findBasket, wantedCurrency, (req, res) => {
  const estimate = new Estimate(market, req.basket, req.currency);
  const limit = Number(req.body?.limit ?? Infinity);
  if (estimate.total > limit) {
    estimate.close();
    return res.status(409).json({ error: 'above the limit', total: estimate.total });
  }
  const order = place(estimate);
  estimate.close();
  res.status(201).json(order);
});

app.get('/orders/:order', (req, res) => {
  const order = orders.get(req.params.order);
  if (!order) return res.sendStatus(404);
  res.json(order);
});

app.use((error, req, res, next) => {
  console.error(error);
  res.status(500).json({ error: 'internal' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
