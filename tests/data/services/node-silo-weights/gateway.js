'use strict';
// Runs beside the service: takes the frames of the weighbridge bus and hands each to the pipe of its scale.
const fs = require('node:fs');

const [folder, count] = [process.argv[2], Number(process.argv[3])];

for (let n = 1; n <= count; n++) {
  const out = fs.openSync(`${folder}/scale-${n}`, 'r+');
  let weight = 1200 + n * 310;
  setInterval(() => {
    weight += Math.round((Math.random() - 0.5) * 8);
    fs.writeSync(out, `ST,GS,${String(weight).padStart(8, '0')}kg\r\n`);
  }, 420 + n * 23);
}

process.on('disconnect', () => process.exit());
