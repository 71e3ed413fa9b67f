'use strict';
// Cutting sheets for quilts: each block is drawn once and kept, as many as fit.
const express = require('express');

const KINDS = ['ohio star', 'log cabin', 'bear paw', 'churn dash', 'flying geese', 'pinwheel'];
const CELLS = 28;

class Recent {
  constructor(most) {
    this.most = most;
    this.entries = new Map();
  }

  get(key) {
    const kept = this.entries.get(key);
    if (kept === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, kept);
    return kept;
  }

  set(key, value) {
    this.entries.delete(key);
    if (this.entries.size >= this.most) this.entries.delete(this.entries.keys().next().value);
    this.entries.set(key, value);
  }
}

function draw(kind, hue) {
  const cells = [];
  const seed = [...kind].reduce((sum, c) => sum + c.charCodeAt(0), hue);
  for (let y = 0; y < CELLS; y += 1) {
    for (let x = 0; x < CELLS; x += 1) {
      const shade = Math.sin(seed + Math.hypot(x - CELLS / 2, y - CELLS / 2)) * Math.cos(x * y + seed);
      cells.push({ x, y, fill: `hsl(${hue}, 60%, ${Math.round(50 + 40 * shade)}%)` });
    }
  }
  const counts = {};
  for (const { fill } of cells) counts[fill] = (counts[fill] ?? 0) + 1;
  return { kind, hue, fabrics: Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, 6) };
}

const blocks = new Recent(40);

function blockFor(kind, hue) {
  const key = `${kind}/${hue}`;
  let block = blocks.get(key);
  if (!block) {
    block = draw(kind, hue);
    blocks.set(key, block);
  }
  return block;
}

const quilts = {
  sampler: Array.from({ length: 54 }, (_, n) => [KINDS[n % KINDS.length], (n * 37) % 360]),
  baby: Array.from({ length: 12 }, (_, n) => [KINDS[n % 2], n * 30]),
};

const app = express();
app.get('/up', (req, res) => res.send('up'));
app.get('/quilts/:name/sheet', (req, res) => {
  const plan = quilts[req.params.name];
  if (!plan) return res.status(404).json({ error: 'no such quilt' });
  res.json({ quilt: req.params.name, blocks: plan.map(([kind, hue]) => blockFor(kind, hue)) });
});
app.listen(process.env.PORT, '127.0.0.1');
