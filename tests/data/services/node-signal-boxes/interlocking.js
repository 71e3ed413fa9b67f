'use strict';
const net = require('node:net');
net.createServer((socket) => {
  socket.on('data', (data) => setTimeout(() => socket.write(`FREE FREE TAKEN\n`), 28)).on('error', () => {});
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
