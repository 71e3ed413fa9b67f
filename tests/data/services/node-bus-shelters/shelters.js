'use strict';
const { createHash, pbkdf2Sync } = require('node:crypto');
const { appendFile } = require('node:fs/promises');
const path = require('node:path');

const LINES = ['2', '7', '11', '14', 'N3'];
const FAULTS = ['glass', 'light', 'bench', 'timetable', 'graffiti'];

/** A grid of cells over the town, for everything that is asked by a place and a radius. */
class Grid {
  constructor(cell) {
    this.cell = cell;
    this.cells = new Map();
  }

  key(x, y) {
    return `${Math.floor(x / this.cell)}:${Math.floor(y / this.cell)}`;
  }

  add(item) {
    const key = this.key(item.x, item.y);
    if (!this.cells.has(key)) this.cells.set(key, []);
    this.cells.get(key).push(item);
  }

  near(x, y, radius) {
    const found = [];
    for (let cx = x - radius; cx <= x + radius + this.cell; cx += this.cell) {
      for (let cy = y - radius; cy <= y + radius + this.cell; cy += this.cell) {
        for (const item of this.cells.get(this.key(cx, cy)) ?? []) {
          const away = Math.hypot(item.x - x, item.y - y);
          if (away <= radius) found.push({ item, away });
        }
      }
    }
    return found.sort((a, b) => a.away - b.away);
  }
}

class Shelters {
  constructor(count) {
    this.grid = new Grid(250);
    this.byId = new Map();
    this.inspections = new Map();
    for (let n = 0; n < count; n += 1) this.#build(n);
  }

  #build(n) {
    // a sticker's code must not be guessed from its number
    const code = pbkdf2Sync(`shelter-${n}`, 'stickers', 40, 6, 'sha256').toString('hex');
    const shelter = {
      id: `S${n}`, code, x: (n * 7919) % 10007, y: (n * 104729) % 10009, lines: LINES.filter((_l, l) => (n + l) % 3 > 0), built: 1985 + (n % 38),
    };
    this.byId.set(shelter.id, shelter);
    this.grid.add(shelter);
    this.inspections.set(shelter.id, Array.from({ length: 4 + (n % 5) }, (_i, i) => ({
      on: new Date(Date.UTC(2023, (n + i * 2) % 12, 1 + ((n + i) % 28))).toISOString().slice(0, 10),
      fault: FAULTS[(n + i) % FAULTS.length],
      severity: 1 + ((n * 3 + i) % 4),
      mended: (n + i) % 6 !== 0,
    })));
  }

  condition(id) {
    const open = this.inspections.get(id).filter((i) => !i.mended);
    return Math.max(0, 100 - open.reduce((sum, i) => sum + i.severity * 9, 0));
  }

  around(x, y, radius) {
    return this.grid.near(x, y, radius).map(({ item, away }) => ({
      id: item.id,
      sticker: createHash('md5').update(item.code).digest('hex').slice(0, 10),
      metres: Math.round(away),
      position: [item.x, item.y],
      lines: item.lines,
      built: item.built,
      condition: this.condition(item.id),
      inspections: this.inspections.get(item.id),
    }));
  }
}

/** Reports of passers-by; written out together from time to time. */
class Reports {
  constructor() {
    this.waiting = [];
    this.turn = Promise.resolve();
    this.seen = 0;
  }

  exclusive(work) {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {});
    return result;
  }

  count() {
    return this.exclusive(() => {
      this.seen += 1;
      return this.seen;
    });
  }

  add(report) {
    return this.exclusive(() => this.waiting.push(report));
  }

  async flush() {
    if (this.waiting.length === 0) return;
    const lines = this.waiting.splice(0).map((r) => JSON.stringify(r)).join('\n');
    await appendFile(path.resolve('reports.ndjson'), `${lines}\n`);
  }
}

module.exports = { Shelters, Reports };
