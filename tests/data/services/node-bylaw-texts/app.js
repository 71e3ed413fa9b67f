'use strict';
// Bylaws of a municipality: the text in force, earlier versions, and what a council meeting changed.
const Hapi = require('@hapi/hapi');
const Boom = require('@hapi/boom');
const { Archive } = require('./archive');

const archive = new Archive('texts');

function paragraphs(text) {
  return text.split(/\n{2,}/).map((p) => p.trim()).filter(Boolean);
}

/** Paragraph by paragraph: what stayed, what came, what went. */
function compare(before, after) {
  const old = new Map(paragraphs(before).map((p) => [p.split(' ', 1)[0], p]));
  const lines = [];
  for (const text of paragraphs(after)) {
    const mark = text.split(' ', 1)[0];
    if (!old.has(mark)) lines.push({ mark, change: 'new', text });
    else if (old.get(mark) !== text) lines.push({ mark, change: 'amended', text, was: old.get(mark) });
    old.delete(mark);
  }
  for (const [mark, text] of old) lines.push({ mark, change: 'repealed', was: text });
  return lines;
}

function words(text) {
  return (text.match(/\p{L}+/gu) ?? []).length;
}

const bylaw = {
  assign: 'versions',
  method: (request) => {
    const versions = archive.versions(request.params.name);
    if (!versions.length) throw Boom.notFound('no such bylaw');
    return versions;
  },
};

function chosen(versions, meeting) {
  const at = meeting ? versions.findIndex((v) => v.meeting === meeting) : 0;
  if (at < 0) throw Boom.notFound('no change at that meeting');
  return { version: versions[at], previous: versions[at + 1] };
}

const routes = [
  { method: 'GET', path: '/running', handler: () => 'running' },
  { method: 'GET', path: '/bylaws', handler: () => archive.names() },
  {
    method: 'GET',
    path: '/bylaws/{name}',
    options: { pre: [bylaw] },
    handler: ({ pre, params }) => {
      const { version } = chosen(pre.versions);
      const text = archive.text(params.name, version.revision);
      return { name: params.name, since: version.date, words: words(text), text: paragraphs(text) };
    },
  },
  {
    method: 'GET',
    path: '/bylaws/{name}/changes',
    options: { pre: [bylaw] },
    handler: ({ pre, params, query }) => {
      const { version, previous } = chosen(pre.versions, query.meeting);
      const after = archive.text(params.name, version.revision);
      const before = previous ? archive.text(params.name, previous.revision) : '';
      return {
        name: params.name,
        meeting: version.meeting,
        date: version.date,
        words: { before: words(before), after: words(after) },
        changes: compare(before, after),
      };
    },
  },
  { method: 'GET', path: '/bylaws/{name}/versions', options: { pre: [bylaw] }, handler: ({ pre }) => pre.versions },
];

async function main() {
  archive.fill();
  const server = Hapi.server({ port: Number(process.env.PORT), host: '127.0.0.1', routes: { json: { space: 1 } } });
  server.route(routes);
  await server.start();
}

main();
