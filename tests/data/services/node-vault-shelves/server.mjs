import express from 'express';
import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

mkdirSync('data', { recursive: true });
const ledger = new Worker(new URL('./ledger.mjs', import.meta.url), { workerData: { file: 'data/moves.db' } });

let sequence = 0;
const waiting = new Map();

ledger.on('message', ({ id, result, error }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error) reject(new Error(error));
  else resolve(result);
});

function ask(command, args) {
  return new Promise((resolve, reject) => {
    const id = ++sequence;
    waiting.set(id, { resolve, reject });
    ledger.postMessage({ id, command, args });
  });
}

const VAULTS = { north: { rows: 24, shelves: 9 }, south: { rows: 16, shelves: 7 } };

function assignShelves(vault, pallet, boxes) {
  const { rows, shelves } = VAULTS[vault];
  return Array.from({ length: boxes }, (_, n) => ({
    box: `${pallet}-${String(n + 1).padStart(3, '0')}`,
    shelf: `${vault[0].toUpperCase()}${1 + (n % rows)}.${1 + (Math.floor(n / rows) % shelves)}`,
  }));
}

const app = express();
app.use(express.json());

app.get('/healthz', (_req, res) => res.json({ ok: true }));

app.get('/boxes/:box/moves', async (req, res, next) => {
  try {
    res.json(await ask('history', { box: req.params.box }));
  } catch (error) {
    next(error);
  }
});

app.post('/vaults/:vault/moves', async (req, res, next) => {
  const { vault } = req.params;
  const { pallet, boxes } = req.body ?? {};
  if (!VAULTS[vault]) return res.status(404).json({ error: 'unknown vault' });
  if (!pallet || !(boxes > 0 && boxes <= 200)) return res.status(422).json({ error: 'pallet and boxes are required' });
  try {
    const assigned = assignShelves(vault, pallet, boxes);
    const recorded = await ask('recordMoves', { vault, boxes: assigned });
    res.status(201).json({ pallet, ...recorded, shelves: [...new Set(assigned.map((a) => a.shelf))] });
  } catch (error) {
    next(error);
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1');
