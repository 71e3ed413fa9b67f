'use strict';
// Receipts of a paper round: each is on the disk before the answer goes out.
const http = require('node:http');
const fs = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');

const PAGE = Buffer.alloc(1 << 20, 'receipt ');
let folder;

async function keep(n) {
  const file = await fs.open(path.join(folder, `receipt-${n % 8}.log`), 'w');
  try {
    for (let copy = 0; copy < 14; copy += 1) {
      await file.write(PAGE);
      await file.sync();
    }
  } finally {
    await file.close();
  }
}

let count = 0;
async function receipt() {
  count += 1;
  await keep(count);
  return { kept: count };
}

fs.mkdtemp(path.join(os.tmpdir(), 'receipts-')).then((made) => {
  folder = made;
  http.createServer(async (req, res) => {
    const url = new URL(req.url, 'http://localhost');
    if (url.pathname === '/healthz') return res.end('ok');
    res.setHeader('content-type', 'application/json');
    return res.end(JSON.stringify(await receipt()));
  }).listen(Number(process.env.PORT), '127.0.0.1');
});
process.on('SIGTERM', () => fs.rm(folder, { recursive: true, force: true }).finally(() => process.exit(0)));
