// GraphQL for the registrars of an art museum: exhibitions, the works lent to them, their condition and insurance.
import Fastify from 'fastify';
import compress from '@fastify/compress';
import { createHash } from 'node:crypto';
import { execute, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { schema } from './schema.mjs';

const app = Fastify({ logger: { level: 'warn' }, bodyLimit: 64 * 1024 });

const camel = (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function camelKeys(value) {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camel(key), camelKeys(inner)]));
}

function withoutNulls(value) {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const kept = {};
  for (const [key, inner] of Object.entries(value)) if (inner !== null && inner !== undefined) kept[key] = withoutNulls(inner);
  return kept;
}

const mask = (text) => text.replace(/[\w.+-]+@[\w-]+\.\w+/g, '***').replace(/\b\d{3}-\d{4}\b/g, '***');

function maskContacts(value) {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map(maskContacts);
  if (value === null || typeof value !== 'object') return value;
  for (const key of Object.keys(value)) value[key] = maskContacts(value[key]);
  return value;
}

await app.register(compress, { threshold: 4096, encodings: ['gzip'] });

app.addHook('preHandler', async (request) => {
  request.registrar = { name: request.headers['x-registrar'] ?? 'guest', mayCall: request.headers['x-role'] === 'registrar' };
});

app.addHook('preSerialization', async (request, reply, payload) => {
  if (!payload?.data) return payload;
  const data = camelKeys(withoutNulls(payload.data));
  return { ...payload, data: request.registrar.mayCall ? data : maskContacts(data) };
});

app.addHook('onSend', async (request, reply, payload) => {
  if (typeof payload === 'string' && reply.statusCode === 200) {
    reply.header('etag', `"${createHash('sha1').update(payload).digest('base64url')}"`);
  }
  return payload;
});

app.get('/healthz', async () => ({ ok: true }));

app.post('/graphql', {
  schema: {
    body: {
      type: 'object',
      required: ['query'],
      properties: { query: { type: 'string' }, variables: { type: 'object' }, operationName: { type: 'string' } },
    },
  },
}, async (request, reply) => {
  const { query, variables, operationName } = request.body;
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return reply.code(400).send({ errors: [{ message: error.message }] });
  }
  const errors = validate(schema, document, specifiedRules);
  if (errors.length > 0 || getOperationAST(document, operationName)?.operation !== 'query') {
    return reply.code(400).send({ errors: errors.map(({ message }) => ({ message })) });
  }
  return execute({ schema, document, variableValues: variables, operationName, contextValue: { registrar: request.registrar } });
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
