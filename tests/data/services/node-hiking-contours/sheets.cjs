'use strict';
// Height sheets of the survey: each covers one square kilometre and is kept deflated; opened sheets stay in memory.
const zlib = require('node:zlib');
const { LRUCache } = require('lru-cache');

const CELLS = 52;

function surveyed(east, north) {
  const rows = [];
  for (let y = 0; y < CELLS; y += 1) {
    const row = [];
    for (let x = 0; x < CELLS; x += 1) {
      const [u, v] = [east + x / CELLS, north + y / CELLS];
      row.push(Math.round((900 + 220 * Math.sin(u * 0.9) + 160 * Math.cos(v * 1.3) + 14 * Math.sin(u * 17 + v * 11)) * 10) / 10);
    }
    rows.push(row);
  }
  return { sheet: `${east}/${north}`, edition: 2019 + ((east + north) % 6), rows };
}

class SheetStore {
  #packed = new Map();
  #open;

  constructor({ width, height, budget }) {
    for (let east = 0; east < width; east += 1) {
      for (let north = 0; north < height; north += 1) {
        this.#packed.set(`${east}/${north}`, zlib.deflateSync(JSON.stringify(surveyed(east, north))));
      }
    }
    this.#open = new LRUCache({
      maxSize: budget,
      sizeCalculation: (sheet) => sheet.cells.byteLength + sheet.low.byteLength + 64,
    });
  }

  openSheet(key) {
    const kept = this.#open.get(key);
    if (kept) return kept;
    const packed = this.#packed.get(key);
    if (!packed) return undefined;
    const { edition, rows } = JSON.parse(zlib.inflateSync(packed).toString());
    const cells = new Float64Array(rows.flat());
    const low = new Float64Array(rows.map((row) => Math.min(...row)));
    const sheet = { edition, cells, low };
    this.#open.set(key, sheet);
    return sheet;
  }

  heightAt(east, north) {
    const sheet = this.openSheet(`${Math.floor(east)}/${Math.floor(north)}`);
    if (!sheet) return null;
    const x = Math.min(CELLS - 1, Math.floor((east % 1) * CELLS));
    const y = Math.min(CELLS - 1, Math.floor((north % 1) * CELLS));
    return sheet.cells[y * CELLS + x];
  }

  get sheets() {
    return this.#packed.size;
  }
}

module.exports = { SheetStore };
