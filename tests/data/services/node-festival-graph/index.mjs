// Festival programme: one graph for the app, the screens and the printed leaflet.
import { createServer } from 'node:http';
import { execute, parse, validate } from 'graphql';
import { schema } from './schema.mjs';

const MAX_BODY = 64 * 1024;
const documents = new Map();

function documentOf(source) {
  let known = documents.get(source);
  if (!known) {
    const document = parse(source);
    known = { document, errors: validate(schema, document) };
    if (documents.size >= 200) documents.delete(documents.keys().next().value);
    documents.set(source, known);
  }
  return known;
}

async function bodyOf(req) {
  const parts = [];
  let size = 0;
  for await (const part of req) {
    size += part.length;
    if (size > MAX_BODY) throw Object.assign(new Error('too large'), { status: 413 });
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

function reply(res, status, content) {
  const body = JSON.stringify(content);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

async function graph(req, res) {
  const { query, variables, operationName } = await bodyOf(req);
  if (typeof query !== 'string') throw Object.assign(new Error('query'), { status: 400 });
  const { document, errors } = documentOf(query);
  if (errors.length) return reply(res, 400, { errors: errors.map(({ message }) => ({ message })) });
  const result = await execute({ schema, document, variableValues: variables, operationName });
  reply(res, result.data ? 200 : 500, result);
}

createServer(async (req, res) => {
  try {
    if (req.method === 'POST' && req.url === '/graphql') await graph(req, res);
    else if (req.url === '/.well-known/ready') reply(res, 200, { ready: true });
    else reply(res, 404, { errors: [{ message: 'not found' }] });
  } catch (error) {
    reply(res, error.status ?? (error instanceof SyntaxError ? 400 : 500), { errors: [{ message: error.message }] });
  }
}).listen(Number(process.env.PORT), '127.0.0.1');
