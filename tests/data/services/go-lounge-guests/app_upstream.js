'use strict';
// Departure control of an airline: a manifest is put together row by row while it is sent.
const { createServer } = require('node:http');
const { setTimeout: wait } = require('node:timers/promises');

const SURNAMES = ['BERG', 'HOLM', 'LUND', 'NOVAK', 'ROSSI', 'SILVA', 'TANAKA', 'WEBER'];
const FIRST = ['ANNA', 'BELA', 'CARL', 'DINA', 'EMIL', 'FREJA', 'GUS'];

function passenger(row, seat, n) {
  return {
    name: `${SURNAMES[n % 8]}/${FIRST[n % 7]}`, seat: `${row}${seat}`, cabin: row < 3 ? 'first' : row < 8 ? 'business' : 'economy',
    status: ['', '', 'silver', '', 'gold', '', '', '', 'lifetime'][n % 9], infant: n % 41 === 0,
  };
}

createServer(async (req, res) => {
  const found = /^\/dcs\/flights\/([A-Z]{2}\d+)\/manifest$/.exec(req.url);
  if (!found) {
    res.statusCode = 404;
    res.end();
    return;
  }
  await wait(4);
  res.setHeader('content-type', 'application/x-ndjson');
  for (let row = 1; row <= 31; row += 1) {
    const lines = [...'ABCDEF'].map((seat, i) => JSON.stringify(passenger(row, seat, row * 6 + i + found[1].length)));
    res.write(`${lines.join('\n')}\n`);
    if (row % 2) await wait(15 + Math.random() * 10);
  }
  res.end();
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
