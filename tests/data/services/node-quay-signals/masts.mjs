// The port's measuring network: gauges on masts (long polling, a change each half minute) and the draught model.
import { createServer } from 'node:http';

createServer((req, res) => {
  const url = new URL(req.url, 'http://masts');
  const later = (ms, body) => {
    const timer = setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify(body)), ms);
    res.on('close', () => clearTimeout(timer));
  };
  if (url.pathname.startsWith('/masts/')) {
    const since = Number(url.searchParams.get('since') ?? 0);
    const body = { serial: since + 1, wind: 4 + Math.random() * 9, level: 1.1 + Math.random() * 0.3 };
    later(since === 0 ? 5 : 27_000 + Math.random() * 6000, body);
  } else {
    later(34 + Math.random() * 7, { squat: Number(url.searchParams.get('draught')) * 0.06, swell: 0.3 + Math.random() * 0.1 });
  }
}).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
