'use strict';
const fs = require('node:fs');
const path = require('node:path');
const writeFileAtomic = require('write-file-atomic');

class JsonStore {
  constructor(folder) {
    this.folder = folder;
    this.records = new Map();
    fs.mkdirSync(folder, { recursive: true });
    for (const name of fs.readdirSync(folder)) {
      if (name.endsWith('.json')) {
        this.records.set(path.basename(name, '.json'), JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')));
      }
    }
  }

  get(id) {
    return this.records.get(id);
  }

  list() {
    return [...this.records.values()];
  }

  save(id, record) {
    this.records.set(id, record);
    writeFileAtomic.sync(path.join(this.folder, `${id}.json`), JSON.stringify(record, null, 2));
    return record;
  }
}

module.exports = { JsonStore };
