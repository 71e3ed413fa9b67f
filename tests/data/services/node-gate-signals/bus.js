'use strict';
const fs = require('node:fs');
const path = require('node:path');

const SETTLE_MS = 40;
const cell = new Int32Array(new SharedArrayBuffer(4));

function settle(ms = SETTLE_MS) {
  Atomics.wait(cell, 0, 0, ms);
}

function checksum(bytes) {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return (256 - sum) & 0xff;
}

// Line of the gate controllers: one frame at a time, and they need a moment after each.
class Bus {
  constructor(device) {
    this.device = device;
    fs.mkdirSync(path.dirname(device), { recursive: true });
    this.fd = fs.openSync(device, 'w');
    this.frames = 0;
  }

  send(address, command, argument = 0) {
    const frame = Buffer.from([0x7e, address, command, argument]);
    fs.writeSync(this.fd, Buffer.concat([frame, Buffer.from([checksum(frame)])]), 0, 5, 0);
    this.frames += 1;
    settle();
    return { address, command, at: Date.now() };
  }
}

module.exports = { Bus };
