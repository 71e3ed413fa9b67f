'use strict';
const fs = require('node:fs/promises');
const path = require('node:path');

// One file for each reading; the night job picks them up.
class Spool {
  constructor(folder) {
    this.folder = folder;
    this.number = 0;
  }

  async open() {
    await fs.mkdir(this.folder, { recursive: true });
  }

  async syncFolder() {
    const folder = await fs.open(this.folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async keep(reading) {
    this.number += 1;
    const name = `${process.pid}-${String(this.number).padStart(8, '0')}.json`;
    const draft = path.join(this.folder, `.${name}`);
    const file = await fs.open(draft, 'w');
    try {
      await file.writeFile(JSON.stringify(reading));
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(draft, path.join(this.folder, name));
    await this.syncFolder();
    return name;
  }
}

module.exports = { Spool };
