'use strict';
const { createHash } = require('node:crypto');
const zlib = require('node:zlib');

function etagOf(payload) {
  return `"${createHash('sha1').update(payload).digest('base64url')}"`;
}

const bytesOf = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function packed(payload) {
  const { BROTLI_PARAM_MODE, BROTLI_MODE_TEXT, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return zlib.brotliCompressSync(payload, { params: { [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT, [BROTLI_PARAM_SIZE_HINT]: payload.length } });
}

function send(req, res, status, headers, body) {
  const etag = etagOf(body);
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304, { etag });
    return res.end();
  }
  res.writeHead(status, { ...headers, etag, 'content-length': body.length });
  res.end(body);
}

/** Adds res.reply(value) for pages and scripts, and res.bundle(name, value) for the tablets, which keep it as a file. */
module.exports = function respond() {
  return (req, res, next) => {
    res.reply = (value, { status = 200, type = 'application/json; charset=utf-8' } = {}) => {
      send(req, res, status, { 'content-type': type }, bytesOf(value));
    };
    res.bundle = (name, value) => {
      const headers = { 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="${name}.br"` };
      send(req, res, 200, headers, packed(bytesOf(value)));
    };
    next();
  };
};
