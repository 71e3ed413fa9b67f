// The house's calendar: when performers are called for rehearsal.
import { createServer } from 'node:http';

createServer((req, res) => {
  const production = Number(req.url.split('/').pop()) || 1;
  setTimeout(() => {
    const calls = Array.from({ length: 8 }, (_, i) => `${(production * 31 + i * 17) % 240}=${10 + (i % 7)}:30`);
    res.writeHead(200, { 'content-type': 'text/plain' });
    res.end(calls.join('\n'));
  }, 48);
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
