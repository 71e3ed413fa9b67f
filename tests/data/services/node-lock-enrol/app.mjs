// Door locks: installers enrol a lock at a site and load its identity onto it.
import Fastify from 'fastify';
import { issueIdentity, issuerKey } from './identity.mjs';

const VALID_DAYS = { DL20: 365, DL40: 730, DL60: 1095 };
const sites = new Map(Array.from({ length: 40 }, (_, n) => [`harbour-${n}`, { id: `harbour-${n}`, tenant: `t${n % 9}`, locks: new Map() }]));

const enrolment = {
  body: {
    type: 'object',
    required: ['serial', 'model', 'pin'],
    properties: {
      serial: { type: 'string', pattern: '^DL-[0-9]{6}$' },
      model: { type: 'string', enum: Object.keys(VALID_DAYS) },
      pin: { type: 'string', pattern: '^[0-9]{6,10}$' },
      doors: { type: 'array', items: { type: 'string', maxLength: 40 }, maxItems: 8, default: [] },
    },
  },
};

function doorCode(site, door) {
  let hash = 5381;
  for (const char of `${site}/${door}`) hash = ((hash * 33) ^ char.charCodeAt(0)) >>> 0;
  return hash.toString(36).padStart(7, '0');
}

function enrol(site, { serial, model, pin, doors }) {
  const identity = issueIdentity(serial, site.id, pin, VALID_DAYS[model]);
  const lock = {
    serial,
    model,
    doors: doors.map((door) => ({ door, code: doorCode(site.id, door) })),
    fingerprint: identity.fingerprint,
    expires: identity.expires,
    battery: null,
    enrolledAt: new Date().toISOString(),
  };
  site.locks.set(serial, lock);
  return { ...lock, wrappedKey: identity.wrappedKey, certificate: identity.certificate };
}

const app = Fastify({ logger: false });

app.decorateRequest('site', null);
app.addHook('preHandler', async (request, reply) => {
  if (!request.params?.site) return;
  request.site = sites.get(request.params.site);
  if (!request.site) return reply.code(404).send({ error: 'no such site' });
});

app.get('/healthz', async () => ({ ok: true }));
app.get('/issuer', async (request, reply) => reply.type('application/x-pem-file').send(issuerKey));

app.post('/sites/:site/locks', { schema: enrolment }, async (request, reply) => {
  reply.code(201);
  return enrol(request.site, request.body);
});

app.get('/sites/:site/locks', async (request) => [...request.site.locks.values()]);

app.put('/sites/:site/locks/:serial/battery', async (request, reply) => {
  const lock = request.site.locks.get(request.params.serial);
  if (!lock) return reply.code(404).send({ error: 'no such lock' });
  lock.battery = Math.max(0, Math.min(100, Number(request.body?.percent) || 0));
  return { serial: lock.serial, battery: lock.battery };
});

app.get('/expiring', async (request) => {
  const limit = new Date(Date.now() + (Number(request.query.days) || 60) * 86_400_000).toISOString();
  return [...sites.values()].flatMap((site) => [...site.locks.values()].filter((lock) => lock.expires < limit)
    .map((lock) => ({ site: site.id, serial: lock.serial, expires: lock.expires })));
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
