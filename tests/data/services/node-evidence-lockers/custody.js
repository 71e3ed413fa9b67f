'use strict';
// The chain of custody: one file for each item of evidence, each line carries the hash of the line before.
const fs = require('node:fs');
const path = require('node:path');
const { createHash } = require('node:crypto');

const FIRST = '0'.repeat(64);

class CustodyChain {
  constructor(folder) {
    this.folder = folder;
    this.heads = new Map();
    fs.mkdirSync(folder, { recursive: true });
  }

  #file(item) {
    return path.join(this.folder, `${item}.chain`);
  }

  #head(item) {
    const known = this.heads.get(item);
    if (known) return known;
    if (!fs.existsSync(this.#file(item))) return { hash: FIRST, length: 0 };
    const lines = fs.readFileSync(this.#file(item), 'utf8').trimEnd().split('\n');
    return { hash: lines.at(-1).split(' ', 1)[0], length: lines.length };
  }

  append(item, entry) {
    const { hash: previous, length } = this.#head(item);
    const text = JSON.stringify(entry);
    const hash = createHash('sha256').update(previous).update(text).digest('hex');
    const fd = fs.openSync(this.#file(item), 'a');
    try {
      fs.writeSync(fd, `${hash} ${text}\n`);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    const head = { hash, length: length + 1 };
    this.heads.set(item, head);
    return head;
  }

  tail(item, count) {
    if (!fs.existsSync(this.#file(item))) return [];
    const lines = fs.readFileSync(this.#file(item), 'utf8').trimEnd().split('\n');
    return lines.slice(-count).map((line) => JSON.parse(line.slice(65)));
  }
}

module.exports = { CustodyChain };
