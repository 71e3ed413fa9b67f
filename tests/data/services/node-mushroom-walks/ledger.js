'use strict';
// Counts what is asked for and writes the counts away now and then.
const fs = require('node:fs/promises');

class AskLedger {
  constructor(file) {
    this.file = file;
    this.counts = new Map();
    this.turn = Promise.resolve();
    this.timer = setInterval(() => this.flush().catch((error) => console.error(error.message)), 2500);
    this.timer.unref();
  }

  /** One at a time, so that no count is lost between reading and writing it. */
  exclusive(step) {
    const done = this.turn.then(step);
    this.turn = done.catch(() => {});
    return done;
  }

  note(key) {
    return this.exclusive(() => {
      const n = (this.counts.get(key) ?? 0) + 1;
      this.counts.set(key, n);
      return n;
    });
  }

  async flush() {
    const text = [...this.counts].map(([key, n]) => `${key} ${n}`).join('\n');
    const file = await fs.open(this.file, 'w');
    try {
      await file.writeFile(`${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

module.exports = { AskLedger };
