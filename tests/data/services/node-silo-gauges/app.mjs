// Silo gauges: the weighing computer writes into pipes; farmers see labels.
import { createServer } from 'node:http';
import { execFileSync, spawn } from 'node:child_process';
import { open, mkdtemp, writeFile, stat, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = await mkdtemp(join(tmpdir(), 'silo-'));
const levels = new Map();

async function follow(silo) {
  const pipe = join(folder, `silo${silo}`);
  execFileSync('mkfifo', [pipe]);
  const file = await open(pipe, 'r+'); // also for writing: the end never comes
  let rest = '';
  for (;;) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(200) });
    rest = buffer.toString('ascii', 0, bytesRead);
    levels.set(silo, Number(rest));
  }
}

for (let silo = 1; silo <= 4; silo++) follow(silo).catch(console.error);
for (let silo = 1; silo <= 4; silo++) levels.set(silo, 0);
spawn(process.execPath, [join(import.meta.dirname ?? '.', 'scales.mjs'), folder], { stdio: 'ignore' });
await writeFile(join(folder, 'owner.json'), JSON.stringify({ owner: 'Co-op' }));

async function label(silo) {
  const path = join(folder, 'owner.json');
  const { mtimeMs } = await stat(path);
  const { owner } = JSON.parse(await readFile(path, 'utf8'));
  return { silo, owner, since: mtimeMs, level: levels.get(silo) };
}

createServer(async (req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  const silo = Number(req.url.split('/')[2]);
  if (!levels.has(silo)) return res.writeHead(404).end();
  res.setHeader('content-type', 'application/json').end(JSON.stringify(await label(silo)));
}).listen(Number(process.env.PORT), '127.0.0.1');
