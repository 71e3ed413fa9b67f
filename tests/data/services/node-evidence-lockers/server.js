'use strict';
// Evidence room of a police station: which item lies in which locker, and who moved it.
const path = require('node:path');
const express = require('express');
const { CustodyChain } = require('./custody');

const CATEGORIES = ['document', 'clothing', 'weapon', 'drive', 'sample'];
const LOCKERS = Array.from({ length: 60 }, (_, n) => ({
  id: `L-${n + 1}`, cooled: n % 7 === 3, capacity: 20 + (n % 5) * 10,
}));

class EvidenceRoom {
  constructor(chain) {
    this.chain = chain;
    this.lockers = new Map(LOCKERS.map((locker) => [locker.id, locker]));
    this.items = new Map();
    for (let n = 1000; n < 1200; n++) {
      const id = `E-${n}`;
      this.items.set(id, { id, category: CATEGORIES[n % CATEGORIES.length], cooled: n % 35 === 9, locker: `L-${1 + (n % 14)}` });
    }
    this.transfers = 0;
  }

  locker(id) {
    const locker = this.lockers.get(id);
    if (!locker) throw Object.assign(new Error(`no locker ${id}`), { status: 404 });
    return locker;
  }

  contents(id) {
    return [...this.items.values()].filter((item) => item.locker === id);
  }

  warnings(item, target) {
    const found = [];
    if (item.cooled && !target.cooled) found.push('needs cooling');
    if (item.category === 'weapon' && target.capacity > 40) found.push('not in a shared locker');
    return found;
  }

  transfer(from, to, { officer, reason, items }) {
    const target = this.locker(to);
    const number = ++this.transfers;
    const moved = [];
    for (const id of items) {
      const item = this.items.get(id);
      if (!item) continue;
      const at = new Date().toISOString();
      this.chain.append(id, { transfer: number, step: 'released', locker: from.id, officer, reason, at });
      const head = this.chain.append(id, { transfer: number, step: 'received', locker: to, officer, reason, at });
      item.locker = to;
      moved.push({ item: id, seal: head.hash.slice(0, 12), entries: head.length, warnings: this.warnings(item, target) });
    }
    return { number, from: from.id, to, moved };
  }
}

function checked(body) {
  const problems = [];
  if (typeof body?.officer !== 'string' || body.officer.trim().length < 3) problems.push('officer');
  if (typeof body?.reason !== 'string') problems.push('reason');
  if (!Array.isArray(body?.items) || body.items.length === 0) problems.push('items');
  if (problems.length) throw Object.assign(new Error(`missing: ${problems.join(', ')}`), { status: 422 });
  return { ...body, officer: body.officer.trim() };
}

const room = new EvidenceRoom(new CustodyChain(path.join(process.cwd(), 'chains')));
const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '64kb' }));

app.get('/alive', (req, res) => res.type('text').send('alive'));

app.get('/lockers', (req, res) => {
  res.json(LOCKERS.map((locker) => ({ ...locker, used: room.contents(locker.id).length })));
});

app.get('/lockers/:id', (req, res) => {
  const locker = room.locker(req.params.id);
  res.json({ ...locker, items: room.contents(locker.id) });
});

app.get('/items/:id/custody', (req, res) => {
  res.json(room.chain.tail(req.params.id, 50));
});

app.post('/lockers/:id/transfers', (req, res) => {
  const order = checked(req.body);
  res.status(201).json(room.transfer(room.locker(req.params.id), order.to, order));
});

app.use((error, req, res, next) => {
  res.status(error.status ?? 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
