'use strict';
const http = require('node:http');
const Boom = require('@hapi/boom');

const agent = new http.Agent({ keepAlive: true });

function introspect(provider, token) {
  const form = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
  return new Promise((resolve, reject) => {
    const request = http.request(new URL('/introspect', provider), {
      method: 'POST',
      agent,
      timeout: 5000,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(form) },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => { text += part; });
      response.on('end', () => {
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    request.on('timeout', () => request.destroy(new Error('identity provider does not answer')));
    request.on('error', reject);
    request.end(form);
  });
}

function tokenOf(request) {
  const header = request.headers.authorization ?? '';
  return header.startsWith('Bearer ') ? header.slice(7) : request.query.token;
}

const operatorScheme = (server, { provider }) => ({
  async authenticate(request, h) {
    const token = tokenOf(request);
    if (!token) throw Boom.unauthorized(null, 'Bearer');
    let claims;
    try {
      claims = await introspect(provider, token);
    } catch (error) {
      throw Boom.badGateway(error.message);
    }
    if (!claims.active || claims.exp * 1000 < Date.now()) throw Boom.unauthorized('token is not active', 'Bearer');
    return h.authenticated({ credentials: { operator: claims.sub, scope: claims.scope.split(' ') } });
  },
});

module.exports = { operatorScheme };
