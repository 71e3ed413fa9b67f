'use strict';
// The laboratory's archive of tree-ring series.
const { createServer } = require('node:net');

createServer((socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    text += data;
    if (!text.includes('\n')) return;
    const asked = text.trim();
    text = '';
    setTimeout(() => {
      const n = [...asked].reduce((sum, c) => sum + c.charCodeAt(0), 0);
      socket.write(`${Array.from({ length: 60 }, (_, i) => 1 + ((n + i * 7) % 13) / 5).join(' ')}\n`);
    }, 20 + Math.random() * 6);
  });
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
