// Heights of the ground, kept as packed square tiles: 256 x 256 samples, delta coded by row and deflated.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { LRUCache } from 'lru-cache';

const inflate = promisify(zlib.inflate);
const deflate = promisify(zlib.deflate);

export const TILE = 256;
const SPACING = 25; // metres between two samples
const MEGABYTE = 1024 * 1024;

const eastward = (x) => 310 * Math.sin(x / 9100) + 12 * Math.cos(x / 190);
const northward = (y) => Math.cos(y / 7300) + 0.2 * Math.sin(y / 1100);

function encodeTile(column, row) {
  const packed = new Int16Array(TILE * TILE);
  const ridge = Array.from({ length: TILE }, (_, i) => eastward((column * TILE + i) * SPACING));
  for (let j = 0; j < TILE; j += 1) {
    const slope = northward((row * TILE + j) * SPACING);
    let last = 0;
    for (let i = 0; i < TILE; i += 1) {
      const height = Math.round((640 + ridge[i] * slope) * 10);
      packed[j * TILE + i] = height - last;
      last = height;
    }
  }
  return Buffer.from(packed.buffer);
}

/** Lays out the tiles of a region below a folder, where a survey has not put them already. */
export async function layOut(folder, columns, rows) {
  await mkdir(folder, { recursive: true });
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      await writeFile(path.join(folder, `${column}_${row}.dz`), await deflate(encodeTile(column, row), { level: 4 }));
    }
  }
}

function decodeTile(raw) {
  const deltas = new Int16Array(raw.buffer, raw.byteOffset, TILE * TILE);
  const heights = new Float32Array(TILE * TILE);
  for (let j = 0; j < TILE; j += 1) {
    let height = 0;
    for (let i = 0; i < TILE; i += 1) {
      height += deltas[j * TILE + i];
      heights[j * TILE + i] = height / 10;
    }
  }
  return heights;
}

export class Terrain {
  constructor(folder, { columns, rows, cacheMb = 16 }) {
    this.folder = folder;
    this.columns = columns;
    this.rows = rows;
    this.tiles = new LRUCache({
      maxSize: cacheMb * MEGABYTE,
      sizeCalculation: (heights) => heights.byteLength,
      fetchMethod: (key) => this.loadTile(key),
    });
  }

  async loadTile(key) {
    const packed = await readFile(path.join(this.folder, `${key}.dz`));
    return decodeTile(await inflate(packed));
  }

  tileAt(x, y) {
    const column = Math.min(this.columns - 1, Math.max(0, Math.floor(x / (TILE * SPACING))));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(y / (TILE * SPACING))));
    return this.tiles.fetch(`${column}_${row}`);
  }

  async heightAt(x, y) {
    const heights = await this.tileAt(x, y);
    const i = Math.floor(x / SPACING) % TILE;
    const j = Math.floor(y / SPACING) % TILE;
    return heights[j * TILE + i];
  }
}
