'use strict';
// The harbour's ledger.
require('node:net').createServer((socket) => {
  socket.on('data', () => setTimeout(() => socket.write('heron,osprey,tern\n'), 70));
  socket.on('error', () => {});
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
