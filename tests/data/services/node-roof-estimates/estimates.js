'use strict';
// Estimates for roofs: where each row of tiles lies, what it takes, what it costs.
const { randomBytes } = require('node:crypto');

const TILES = {
  'clay-12': { cover: 0.29, gauge: 0.34, price: 172, kg: 3.1 },
  'slate-6': { cover: 0.25, gauge: 0.22, price: 240, kg: 1.9 },
  'stone-9': { cover: 0.33, gauge: 0.36, price: 131, kg: 4.4 },
};
const KEPT_MS = 20 * 60_000;

class LaidTile {
  constructor(row, x, cut, stock) {
    this.row = row;
    this.x = x;
    this.cut = cut;
    this.stock = stock;
  }
}

class Estimate {
  constructor(customer, roof, tile) {
    this.number = `R-${randomBytes(6).toString('hex')}`;
    this.customer = customer;
    this.roof = roof;
    this.tile = tile;
    this.madeAt = Date.now();
    this.laid = [];
    this.offers = [];
  }

  get expired() {
    return Date.now() - this.madeAt > KEPT_MS;
  }

  summary() {
    const { number, customer, madeAt } = this;
    return { number, customer, madeAt, tiles: this.laid.length, cut: this.laid.filter((t) => t.cut > 0).length, best: this.offers[0] };
  }
}

/** Lays the rows of one side, beginning at the eaves; an offset that wastes least is searched for each row. */
function layRows(roof, tile, side) {
  const slope = roof.width / 2 / Math.cos((roof.pitch * Math.PI) / 180);
  const rows = Math.ceil(slope / tile.gauge);
  const laid = [];
  for (let row = 0; row < rows; row++) {
    const length = roof.length - (roof.hip ?? 0) * (row / rows);
    const offset = leastWaste(length, tile.cover, roof.dormers, row / rows);
    for (let x = -offset; x < length; x += tile.cover) {
      const cut = Math.max(0, -x, x + tile.cover - length);
      laid.push(new LaidTile(side * 1000 + row, x, cut, cut > 0 ? 'cut' : 'whole'));
    }
  }
  return laid;
}

function leastWaste(length, cover, dormers, height) {
  let best = 0;
  let least = Infinity;
  for (let step = 0; step < 40; step++) {
    const offset = (cover * step) / 40;
    let waste = (cover - ((length + offset) % cover)) % cover;
    for (let d = 1; d <= dormers; d++) {
      const edge = (length * d) / (dormers + 1);
      waste += height < 0.5 ? Math.abs(((edge + offset) % cover) - cover / 2) : 0;
      waste += height < 0.5 ? Math.abs(((edge + 1.2 + offset) % cover) - cover / 2) : 0;
    }
    if (waste < least) [least, best] = [waste, offset];
  }
  return best;
}

function offersFor(estimate, tile, areas) {
  const cuts = estimate.laid.filter((t) => t.cut > 0).length;
  const kg = estimate.laid.length * tile.kg;
  const crews = Array.from({ length: 5 }, (_, n) => ({ crew: n + 2, perHour: 3900 - n * 120 }));
  return crews.map(({ crew, perHour }) => {
    const hours = areas / (1.7 * crew) + (cuts * 0.05) / crew + kg / (900 * crew);
    const total = Math.round(estimate.laid.length * tile.price * 1.04 + hours * crew * perHour);
    return { crew, hours: Number(hours.toFixed(1)), total, scaffold: Math.round(areas * 640) };
  }).sort((a, b) => a.total - b.total);
}

/** Suction on each row in a storm, by its height and its distance from the gables. */
function windLoads(laid, roof) {
  const loads = new Map();
  for (const { row, x } of laid) {
    const height = 5 + (row % 1000) * 0.3 * Math.sin((roof.pitch * Math.PI) / 180);
    const edge = Math.min(Math.max(0, x), Math.max(0, roof.length - x));
    const pressure = 0.39 * (height / 10) ** 0.37 * (1 + 1.6 * Math.exp(-edge / 1.4)) * Math.cos(((roof.pitch - 30) * Math.PI) / 180);
    loads.set(row, Math.max(loads.get(row) ?? 0, pressure));
  }
  return [...loads].map(([row, kPa]) => ({ row, kPa: kPa.toFixed(3), hooks: kPa > 0.75 ? 'each' : kPa > 0.55 ? 'every second' : 'edges' }));
}

/** Pallets in the order in which the crew needs them. */
function pallets(laid, tile) {
  const list = [];
  let pallet = null;
  for (const piece of laid.toSorted((a, b) => (a.row % 1000) - (b.row % 1000) || a.x - b.x)) {
    const kg = piece.cut > 0 ? tile.kg * 1.15 : tile.kg;
    if (!pallet || pallet.kg + kg > 780) list.push((pallet = { number: list.length + 1, kg: 0, pieces: 0, rows: new Set() }));
    pallet.kg += kg;
    pallet.pieces++;
    pallet.rows.add(piece.row);
  }
  return list.map(({ rows, kg, ...rest }) => ({ ...rest, kg: Math.round(kg), rows: [...rows].join('+') }));
}

function sketch(laid, tile, side) {
  const shapes = laid.filter((t) => Math.floor(t.row / 1000) === side).map((t) => {
    const y = ((t.row % 1000) * tile.gauge * 100).toFixed(1);
    return `<use href="#${t.stock}" x="${(t.x * 100).toFixed(1)}" y="${y}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg"><g>${shapes.join('\n')}</g></svg>`;
}

class EstimateBook {
  constructor() {
    this.drafts = new Map();
    this.accepted = [];
  }

  make(customer, roof, kind) {
    const tile = TILES[kind];
    const estimate = new Estimate(customer, roof, kind);
    for (const side of [1, 2]) estimate.laid.push(...layRows(roof, tile, side));
    estimate.offers = offersFor(estimate, tile, roof.length * roof.width * 1.3);
    this.drafts.set(estimate.number, estimate);
    return estimate;
  }

  /** What the same roof would be with the other tiles, for comparison. */
  alternatives({ roof, tile: kind }) {
    return Object.keys(TILES).filter((other) => other !== kind).map((other) => {
      const tile = TILES[other];
      const laid = [1, 2].flatMap((side) => layRows(roof, tile, side));
      const loads = windLoads(laid, roof);
      const plan = pallets(laid, tile);
      const [best] = offersFor({ laid }, tile, roof.length * roof.width * 1.3);
      return { tile: other, pieces: laid.length, pallets: plan.length, hooked: loads.filter((l) => l.hooks === 'each').length, best };
    });
  }

  find(number) {
    const estimate = this.drafts.get(number);
    return estimate && !estimate.expired ? estimate : null;
  }

  accept(number) {
    const estimate = this.find(number);
    if (!estimate) return null;
    this.drafts.delete(number);
    this.accepted.push(estimate.summary());
    if (this.accepted.length > 500) this.accepted.shift();
    return estimate;
  }
}

module.exports = { EstimateBook, TILES, windLoads, pallets, sketch };
