'use strict';

const pad = (n) => String(n).padStart(2, '0');

class Offer {
  constructor(fields) {
    Object.assign(this, fields);
  }

  get nights() {
    return this.hours > 12 ? 1 : 0;
  }
}

function toOffer(row, search) {
  const minute = row.minute;
  return new Offer({
    id: `${search.from}-${search.to}-${String(row.number).padStart(6, '0')}`,
    ship: row.ship,
    cabin: row.cabin,
    hours: row.hours,
    departs: `${search.day}T${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`,
    base: row.base,
    price: row.base,
  });
}

function toCamel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

function toSnake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function renameKeys(value, rename) {
  const out = {};
  for (const key of Object.keys(value)) out[rename(key)] = value[key];
  return out;
}

module.exports = { toOffer, toCamel, toSnake, renameKeys };
