'use strict';
// The trees: where they stand, what they bear, and the blossom model that is worked out once at the start.
const crypto = require('node:crypto');

const SORTS = ['Boskoop', 'Gravenstein', 'Berner Rosen', 'Conference', 'Williams', 'Quitte', 'Mirabelle'];
const SPACING = 4.5;

function blossomTable() {
  // Degree days until full blossom for every sort and day of sowing, refined until it no longer moves.
  const table = {};
  for (const sort of SORTS) {
    const seed = crypto.createHash('sha1').update(sort).digest().readUInt16BE(0);
    const days = new Float64Array(365);
    for (let round = 0; round < 4000; round += 1) {
      for (let day = 0; day < 365; day += 1) {
        const aim = 210 + (seed % 60) + 35 * Math.sin(((day + seed) / 365) * 2 * Math.PI);
        days[day] += (aim - days[day]) * 0.01;
      }
    }
    table[sort] = days;
  }
  return table;
}

function planted(id, rows, perRow) {
  const trees = [];
  for (let row = 0; row < rows; row += 1) {
    for (let place = 0; place < perRow; place += 1) {
      const n = row * perRow + place;
      trees.push({
        tree: `${id}.${n}`, sort: SORTS[(row + (n % 11 === 0 ? 3 : 0)) % SORTS.length], year: 1990 + ((row * 5 + place) % 33),
        x: place * SPACING, y: row * SPACING * 1.4, girth: 30 + ((n * 37) % 90), sprayed: n % 5 === 0,
      });
    }
  }
  return trees;
}

function load() {
  const blossom = blossomTable();
  const orchards = new Map();
  for (let n = 1; n <= 12; n += 1) {
    const id = `o-${n}`;
    orchards.set(id, { id, name: `Orchard ${n}`, altitude: 380 + n * 35, trees: planted(id, 16 + n, 30) });
  }
  return { blossom, orchards };
}

function treeView(tree, blossom, warmth, dayOfYear) {
  const left = Math.max(0, blossom[tree.sort][dayOfYear] - warmth);
  return {
    tree: tree.tree, sort: tree.sort, age: 2025 - tree.year, at: [tree.x, tree.y],
    girth: tree.girth, blossom: left === 0 ? 'now' : `in ${Math.ceil(left / 9)} days`, sprayed: tree.sprayed,
  };
}

module.exports = { load, treeView, SORTS };
