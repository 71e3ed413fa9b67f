'use strict';
// Signs guests in at the reception desk.
const http = require('node:http');
const { pbkdf2Sync, timingSafeEqual } = require('node:crypto');

const guests = new Map(['maria', 'otto', 'lena'].map((name) => [name, { salt: `s-${name}`, hash: hashed('welcome', `s-${name}`) }]));

function hashed(password, salt) {
  return pbkdf2Sync(password, salt, 90_000, 32, 'sha256');
}

async function verify(name, password) {
  const guest = guests.get(name);
  if (!guest) return false;
  return timingSafeEqual(hashed(password, guest.salt), guest.hash);
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/healthz') return res.end('ok');
  const ok = await verify(url.searchParams.get('user'), 'welcome');
  res.statusCode = ok ? 200 : 403;
  return res.end(JSON.stringify({ ok }));
}).listen(Number(process.env.PORT), '127.0.0.1');
