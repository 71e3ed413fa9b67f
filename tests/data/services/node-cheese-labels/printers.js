'use strict';
const { writeFile } = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');

const STATIONS = 16;

class PrinterPark {
  constructor(site) {
    const folder = path.join(os.tmpdir(), `printers-${site}`);
    this.printers = Array.from({ length: STATIONS }, (_, n) => ({
      id: `lp${n + 1}`, device: path.join(folder, `lp${n + 1}`), queued: 0, printed: 0,
    }));
    this.turn = 0;
  }

  overview() {
    return this.printers.map(({ id, queued, printed }) => ({ id, queued, printed }));
  }

  next() {
    let chosen = this.printers[this.turn % STATIONS];
    for (const printer of this.printers) {
      if (printer.queued < chosen.queued) chosen = printer;
    }
    this.turn += 1;
    return chosen;
  }

  /** Sends a page to the device of the station that has the least to do. */
  async print(page) {
    const printer = this.next();
    printer.queued += 1;
    try {
      await writeFile(printer.device, page, { flag: 'w' });
      printer.printed += 1;
      return printer.id;
    } finally {
      printer.queued -= 1;
    }
  }
}

module.exports = { PrinterPark };
