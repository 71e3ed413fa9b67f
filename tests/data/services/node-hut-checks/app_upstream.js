'use strict';
const { createServer } = require('node:http');
createServer((req, res) => setTimeout(() => res.end(JSON.stringify({ ok: !req.url.includes('bad'), of: req.url })), 45 + Math.random() * 20)).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
