'use strict';
const fs = require('node:fs/promises');
const { execFileSync, fork } = require('node:child_process');
const { EventEmitter } = require('node:events');
const path = require('node:path');

class Scales extends EventEmitter {
  constructor(folder, count) {
    super();
    this.folder = folder;
    this.count = count;
    this.latest = new Map();
  }

  start() {
    for (let n = 1; n <= this.count; n++) execFileSync('mkfifo', [path.join(this.folder, `scale-${n}`)]);
    this.gateway = fork(path.join(__dirname, 'gateway.js'), [this.folder, String(this.count)]);
    for (let n = 1; n <= this.count; n++) {
      this.follow(n).catch((error) => this.emit('error', error));
    }
  }

  async follow(n) {
    const pipe = await fs.open(path.join(this.folder, `scale-${n}`), 'r+');
    const buffer = Buffer.alloc(256);
    for (;;) {
      const { bytesRead } = await pipe.read(buffer, 0, buffer.length, null);
      this.accept(n, buffer.toString('latin1', 0, bytesRead));
    }
  }

  accept(n, text) {
    const frame = text.trim().split('\r\n').pop();
    const match = /^(ST|US),GS,(\d+)kg$/.exec(frame);
    if (!match) return;
    this.latest.set(n, { stable: match[1] === 'ST', kg: Number(match[2]), at: Date.now() });
    this.emit('weight', n);
  }
}

module.exports = { Scales };
