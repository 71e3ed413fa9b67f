const http = require('http');

const plots = new Map();
for (let i = 0; i < 260000; i++) {
  plots.set(`plot-${i}`, { id: i, owner: { name: `owner ${i % 900}` }, yields: [i % 13, i % 7, i % 5] });
}

function snapshot(offset) {
  const rows = [];
  for (let i = 0; i < 30000; i++) {
    const plot = plots.get(`plot-${(offset + i) % 260000}`);
    rows.push({ ...plot, owner: { ...plot.owner }, yields: plot.yields.map((y) => ({ y })) });
  }
  return rows;
}

let offset = 0;
const server = http.createServer((req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  offset = (offset + 1009) % 260000;
  const rows = snapshot(offset);
  setImmediate(() => {
    const best = rows.reduce((a, b) => (b.yields[0].y > a.yields[0].y ? b : a));
    res.end(JSON.stringify({ rows: rows.length, best: best.id }));
  });
});
server.listen(process.env.PORT, '127.0.0.1');
