'use strict';
const net = require('node:net');
net.createServer((socket) => {
  let rest = '';
  socket.on('error', () => {}).on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) setTimeout(() => socket.write(`${line.split(' ')[0]} on\n`), 380);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
