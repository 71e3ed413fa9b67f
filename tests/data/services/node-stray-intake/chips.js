'use strict';
// The national chip register.
const { createServer } = require('node:net');
const { createInterface } = require('node:readline');

const TOWNS = ['Linz', 'Graz', 'Wels', 'Steyr'];

function lookUp(chip) {
  const n = Number(chip.slice(-6));
  if (n % 7 === 0) return 'NONE';
  return `KEEPER|Keeper ${n % 5000}|${TOWNS[n % 4]}|+43 732 ${n}|20${10 + (n % 14)}-04-02`;
}

createServer((socket) => {
  socket.on('error', () => {});
  createInterface({ input: socket }).once('line', (line) => {
    const [, chip = ''] = line.split(' ');
    setTimeout(() => socket.end(`${lookUp(chip)}\r\n`), 190 + Math.random() * 90);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
