// Redlines between two versions of a contract, for the deeds desk of a notary's office.
import cluster from 'node:cluster';
import { parseArgs } from 'node:util';
import Fastify from 'fastify';
import { findDeed, listDeeds, versionOf } from './deeds.mjs';

const { values: options } = parseArgs({ options: { workers: { type: 'string', default: '2' } } });
const CONTEXT = 2;

const normalise = (line) => line.trim().replace(/\s+/g, ' ');

/** The lines of both versions that stay, in order, as pairs of positions. */
function commonLines(before, after) {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i][j] = before[i] === after[j]
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const pairs = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) pairs.push([i++, j++]);
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    else j++;
  }
  return pairs;
}

function changesBetween(before, after, pairs) {
  const changes = [];
  let from = 0;
  let to = 0;
  for (const [i, j] of [...pairs, [before.length, after.length]]) {
    if (i > from || j > to) {
      changes.push({ line: from + 1, removed: before.slice(from, i), added: after.slice(to, j) });
    }
    from = i + 1;
    to = j + 1;
  }
  return changes;
}

function withContext(change, before) {
  const start = change.line - 1;
  const end = start + change.removed.length;
  return {
    ...change,
    above: before.slice(Math.max(0, start - CONTEXT), start),
    below: before.slice(end, end + CONTEXT),
  };
}

function clauseOf(lines, position) {
  for (let at = Math.min(position, lines.length - 1); at >= 0; at--) {
    const heading = /^§ (\d+)/.exec(lines[at]);
    if (heading) return Number(heading[1]);
  }
  return null;
}

function redline(deed, fromVersion, toVersion) {
  const before = versionOf(deed, fromVersion).map(normalise);
  const after = versionOf(deed, toVersion).map(normalise);
  const changes = changesBetween(before, after, commonLines(before, after));
  return changes.map((change) => ({ clause: clauseOf(before, change.line - 1), ...withContext(change, before) }));
}

function summary(changes) {
  return {
    changes: changes.length,
    clauses: [...new Set(changes.map((c) => c.clause))],
    added: changes.reduce((sum, c) => sum + c.added.length, 0),
    removed: changes.reduce((sum, c) => sum + c.removed.length, 0),
  };
}

function build() {
  const app = Fastify({ logger: false });

  app.addHook('onSend', async (request, reply) => {
    reply.header('cache-control', 'private, max-age=0');
  });

  app.get('/healthz', async () => ({ up: true }));

  app.get('/deeds', async (request) => listDeeds(request.query.kind));

  app.get('/deeds/:id/versions/:version', async (request, reply) => {
    const deed = findDeed(request.params.id);
    const lines = deed && versionOf(deed, Number(request.params.version));
    if (!lines) return reply.code(404).send({ error: 'no such version' });
    return { id: deed.id, title: deed.title, lines };
  });

  app.get('/deeds/:id/redline', {
    schema: {
      querystring: {
        type: 'object',
        properties: { from: { type: 'integer', default: 1 }, to: { type: 'integer', default: 2 } },
      },
    },
  }, async (request, reply) => {
    const deed = findDeed(request.params.id);
    const { from, to } = request.query;
    if (!deed || !versionOf(deed, from) || !versionOf(deed, to)) {
      return reply.code(404).send({ error: 'no such version' });
    }
    const changes = redline(deed, from, to);
    return { id: deed.id, title: deed.title, from, to, summary: summary(changes), changes };
  });

  return app;
}

if (cluster.isPrimary) {
  for (let n = 0; n < Number(options.workers); n++) cluster.fork();
  cluster.on('exit', (worker) => {
    if (!worker.exitedAfterDisconnect) cluster.fork();
  });
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
    process.exit(0);
  });
} else {
  await build().listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
}
