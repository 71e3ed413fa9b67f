import Fastify from 'fastify';
import { LRUCache } from 'lru-cache';

const app = Fastify({ logger: false });
const quarries = Array.from({ length: 180 }, (_, i) => ({ id: i, seed: (i * 7919) % 104729, label: `tile-${i}` }));
const tileCache = new LRUCache({ max: 150 });

function drawTile(quarry) {
  const rows = [];
  let value = quarry.seed;
  for (let y = 0; y < 64; y++) {
    const row = [];
    for (let x = 0; x < 64; x++) {
      value = (value * 1103515245 + 12345) % 2147483648;
      row.push(Math.round(Math.sin(value / 4096) * 127 + 128).toString(16));
    }
    rows.push(row.join(''));
  }
  return { label: quarry.label, rows };
}

function getTile(quarry) {
  let tile = tileCache.get(quarry.id);
  if (tile === undefined) {
    tile = drawTile(quarry);
    tileCache.set(quarry.id, tile);
  }
  return tile;
}

app.get('/healthz', async () => ({ ok: true }));

app.get('/map', async () => {
  const tiles = quarries.map(getTile);
  return { count: tiles.length, first: tiles[0].rows[0].slice(0, 12), labels: tiles.map((t) => t.label) };
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
