'use strict';
const { createReadStream } = require('node:fs');
const { mkdir, open } = require('node:fs/promises');
const path = require('node:path');
const readline = require('node:readline');

/** An append-only file of lines, one of each month, that is read again at the start. */
class Journal {
  constructor(folder) {
    this.folder = folder;
    this.files = new Map();
    this.tail = Promise.resolve();
    this.sequence = 0;
  }

  fileFor(seconds) {
    const month = new Date(seconds * 1000).toISOString().slice(0, 7);
    if (!this.files.has(month)) this.files.set(month, open(path.join(this.folder, `levels-${month}.log`), 'a'));
    return this.files.get(month);
  }

  async write(record) {
    const file = await this.fileFor(record.at);
    this.sequence += 1;
    await file.appendFile(`${this.sequence}\t${JSON.stringify(record)}\n`);
    await file.datasync();
    return this.sequence;
  }

  /** Records keep the order in which they came; resolves with the number of the record once it is safe. */
  append(record) {
    const written = this.tail.then(() => this.write(record));
    this.tail = written.catch(() => {});
    return written;
  }

  async replay(months, apply) {
    await mkdir(this.folder, { recursive: true });
    for (const month of months) {
      const input = createReadStream(path.join(this.folder, `levels-${month}.log`));
      try {
        for await (const line of readline.createInterface({ input })) {
          const [number, text] = line.split('\t');
          this.sequence = Math.max(this.sequence, Number(number));
          apply(JSON.parse(text));
        }
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    }
  }
}

module.exports = { Journal };
