'use strict';
// Cutting table of a weaving mill: which piece was cut from which roll, and what is left on it.
const path = require('node:path');
const express = require('express');
const { JsonStore } = require('./store');

const DATA = path.join(__dirname, 'data');
const rolls = new JsonStore(path.join(DATA, 'rolls'));
const orders = new JsonStore(path.join(DATA, 'orders'));
const FABRICS = ['linen', 'twill', 'damask', 'gabardine'];
const LOW_METRES = 15;
const KEPT_CUTS = 20;

if (rolls.list().length === 0) {
  for (let n = 1; n <= 32; n++) {
    const id = `r-${String(n).padStart(2, '0')}`;
    rolls.save(id, { id, fabric: FABRICS[n % 4], width: 140 + (n % 3) * 10, left: 120 + n, cuts: [] });
  }
}
if (!orders.get('w-204')) {
  orders.save('w-204', { id: 'w-204', customer: 'Atelier Nord', pieces: 0, metres: 0, updatedAt: null });
}

const round = (metres) => Math.round(metres * 100) / 100;

function saveRoll(roll, order, piece, operator) {
  let { left } = roll;
  if (left < piece.metres) left = roll.width;
  const cut = { order: order.id, metres: piece.metres, operator, at: new Date().toISOString() };
  return rolls.save(roll.id, { ...roll, left: round(left - piece.metres), cuts: [...roll.cuts, cut].slice(-KEPT_CUTS) });
}

function cutPieces(order, pieces, operator) {
  const remaining = [];
  let metres = 0;
  for (const piece of pieces) {
    const roll = rolls.get(piece.roll);
    if (!roll) throw Object.assign(new Error(`no roll ${piece.roll}`), { status: 404 });
    const after = saveRoll(roll, order, piece, operator);
    metres += piece.metres;
    orders.save(order.id, {
      ...orders.get(order.id), pieces: orders.get(order.id).pieces + 1,
      metres: round(orders.get(order.id).metres + piece.metres), updatedAt: new Date().toISOString(),
    });
    remaining.push({ roll: after.id, fabric: after.fabric, left: after.left, low: after.left < LOW_METRES });
  }
  return { metres: round(metres), remaining };
}

const app = express();
app.use(express.json());

app.get('/healthz', (req, res) => res.json({ ok: true }));

app.get('/rolls', (req, res) => {
  res.json(rolls.list().map(({ id, fabric, left }) => ({ id, fabric, left })));
});

app.post('/orders/:id/cut', (req, res) => {
  const order = orders.get(req.params.id);
  if (!order) return res.status(404).json({ error: 'no such order' });
  const { pieces = [], operator = 'unknown' } = req.body ?? {};
  if (!pieces.every((piece) => piece.metres > 0)) return res.status(422).json({ error: 'metres' });
  const result = cutPieces(order, pieces, operator);
  res.status(201).json({ order: order.id, ...result, low: result.remaining.filter((roll) => roll.low).length });
});

app.use((error, req, res, next) => {
  res.status(error.status ?? 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
