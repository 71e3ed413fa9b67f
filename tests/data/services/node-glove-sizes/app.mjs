// Glove sizes of a fencing club: read from small files, counted in turn.
import { createServer } from 'node:http';
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutex } from 'async-mutex';

const folder = mkdtempSync('gloves-');
for (const name of ['door', 'bell']) {
  execFileSync('mkfifo', [join(folder, name)]);
  createReadStream(join(folder, name)).on('data', () => {});
}
for (let n = 0; n < 20; n++) writeFileSync(join(folder, `${n}.json`), JSON.stringify({ n, hands: [7, 8, 9] }));
const mutex = new Mutex();
const counts = new Map();

async function counted(n) {
  return mutex.runExclusive(async () => {
    await null;
    counts.set(n, (counts.get(n) ?? 0) + 1);
    return counts.get(n);
  });
}

createServer(async (req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  const n = Number(req.url.split('/')[2]);
  if (!(n < 20)) return res.writeHead(404).end();
  const sizes = JSON.parse(await readFile(join(folder, `${n}.json`), 'utf8'));
  const asked = await counted(n);
  res.setHeader('content-type', 'application/json').end(JSON.stringify({ ...sizes, asked }));
}).listen(Number(process.env.PORT), '127.0.0.1');
