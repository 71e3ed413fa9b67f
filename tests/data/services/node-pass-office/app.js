process.env.UV_THREADPOOL_SIZE = '1';
const Hapi = require('@hapi/hapi');
const crypto = require('crypto');
const fs = require('fs/promises');
const os = require('os');
const path = require('path');

const noticeFile = path.join(os.tmpdir(), `notice-${process.pid}.txt`);

function derive(pin) {
  return new Promise((resolve, reject) => {
    crypto.pbkdf2(pin, 'office', 55000, 32, 'sha256', (err, key) => (err ? reject(err) : resolve(key.toString('hex'))));
  });
}

async function issuePass(request) {
  const notice = await fs.readFile(noticeFile, 'utf8');
  const key = await derive(String(request.query.pin || '0000'));
  return { key, notice };
}

async function main() {
  await fs.writeFile(noticeFile, 'Bring your own photograph.');
  const server = Hapi.server({ port: process.env.PORT, host: '127.0.0.1' });
  server.route({ method: 'GET', path: '/healthz', handler: () => 'ok' });
  server.route({ method: 'GET', path: '/passes', handler: issuePass });
  await server.start();
}

main();
