'use strict';
// The tape of a fridge: fixed-size records in a file of its own, so that an inspector can count on every line.
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const write = promisify(fs.write);
const open = promisify(fs.open);
const { O_APPEND, O_CREAT, O_WRONLY, O_DSYNC } = fs.constants;
const RECORD = 32;

class Tape {
  constructor(folder) {
    this.folder = folder;
    this.files = new Map();
    fs.mkdirSync(folder, { recursive: true });
  }

  file(id) {
    let opened = this.files.get(id);
    if (!opened) {
      opened = open(this.path(id), O_WRONLY | O_APPEND | O_CREAT | O_DSYNC, 0o640);
      this.files.set(id, opened);
    }
    return opened;
  }

  path(id) {
    return path.join(this.folder, `${id}.tape`);
  }

  async record(id, samples) {
    const fd = await this.file(id);
    for (const { minute, celsius } of samples) {
      await write(fd, `${minute} ${celsius.toFixed(1)}`.padEnd(RECORD - 1) + '\n');
    }
  }

  async last(id, count) {
    const text = await fs.promises.readFile(this.path(id), 'utf8').catch(() => '');
    return text.slice(-RECORD * count).split('\n').map((line) => line.trim()).filter(Boolean);
  }
}

module.exports = { Tape };
