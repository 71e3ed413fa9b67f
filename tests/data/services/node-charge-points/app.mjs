// Onboarding of charging points: each gets a key pair, a signed identity and the settings of its site.
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import Hapi from '@hapi/hapi';
import Boom from '@hapi/boom';
import Joi from 'joi';

const SITES = new Map(Array.from({ length: 60 }, (_, n) => [`site-${n + 1}`, {
  id: `site-${n + 1}`,
  operator: ['Nordnetz', 'Voltwerk', 'Parkstrom'][n % 3],
  maxAmps: [63, 125, 250][n % 3],
  tariff: { currency: 'EUR', perKwh: 0.39 + (n % 8) / 100, blockingFeeAfter: 240 },
}]));
const MODELS = { 'AC-22': { phases: 3, kw: 22 }, 'DC-60': { phases: 3, kw: 60 }, 'DC-150': { phases: 3, kw: 150 } };
const VALID_DAYS = 825;

const operatorKeys = new Map([...new Set([...SITES.values()].map((site) => site.operator))]
  .map((operator) => [operator, generateKeyPairSync('ec', { namedCurve: 'P-256' })]));

const points = new Map();

function clientKeys(passphrase) {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase },
  });
}

const fingerprint = (pem) => createHash('sha256').update(pem).digest('hex').match(/../g).slice(0, 20).join(':');

function identity(point, site, publicKey) {
  const from = new Date();
  const until = new Date(from.getTime() + VALID_DAYS * 86400000);
  const claims = {
    sub: point.serial,
    site: site.id,
    operator: site.operator,
    model: point.model,
    key: fingerprint(publicKey),
    from: from.toISOString(),
    until: until.toISOString(),
  };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const signature = createSign('sha256').update(payload).sign(operatorKeys.get(site.operator).privateKey, 'base64url');
  return { token: `${payload}.${signature}`, until: claims.until };
}

function settings(site, model) {
  const { kw, phases } = MODELS[model];
  const amps = Math.min(site.maxAmps, Math.ceil((kw * 1000) / (230 * phases)));
  return {
    MaxCurrent: amps,
    Phases: phases,
    HeartbeatInterval: 300,
    MeterValueSampleInterval: kw > 50 ? 10 : 60,
    Tariff: site.tariff,
    OfflinePolicy: site.operator === 'Parkstrom' ? 'free' : 'deny',
  };
}

function onboard({ serial, model, site: siteId, firmware }) {
  const site = SITES.get(siteId);
  if (!site) throw Boom.notFound('unknown site');
  const passphrase = randomBytes(18).toString('base64url');
  const keys = clientKeys(passphrase);
  const { token, until } = identity({ serial, model }, site, keys.publicKey);
  points.set(serial, { serial, model, site: site.id, firmware, key: fingerprint(keys.publicKey), until });
  return { serial, identity: token, until, privateKey: keys.privateKey, passphrase, settings: settings(site, model) };
}

const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1', routes: { cors: false } });

server.route([
  { method: 'GET', path: '/healthz', handler: () => ({ ok: true }) },
  {
    method: 'POST',
    path: '/points',
    options: {
      validate: {
        payload: Joi.object({
          serial: Joi.string().pattern(/^CP-\d{6}$/).required(),
          model: Joi.string().valid(...Object.keys(MODELS)).required(),
          site: Joi.string().required(),
          firmware: Joi.string().max(20).default('1.0.0'),
        }),
      },
    },
    handler: (request, h) => h.response(onboard(request.payload)).code(201),
  },
  {
    method: 'GET',
    path: '/points/{serial}',
    handler: (request) => points.get(request.params.serial) ?? Boom.notFound('unknown point'),
  },
  {
    method: 'GET',
    path: '/sites/{id}/settings/{model}',
    handler: (request) => {
      const site = SITES.get(request.params.id);
      if (!site || !MODELS[request.params.model]) throw Boom.notFound();
      return settings(site, request.params.model);
    },
  },
]);

await server.start();
process.on('SIGTERM', () => server.stop({ timeout: 1000 }).then(() => process.exit(0)));
