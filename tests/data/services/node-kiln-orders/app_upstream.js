'use strict';
const { createServer } = require('node:http');
createServer((req, res) => setTimeout(() => res.end('{"slot": 4}'), 35)).listen(Number(process.env.UPSTREAM_PORT), '127.0.0.1');
