// Walks of a dog kennel: nobody takes a dog out twice at the same time.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const busy = new Map();

async function outside(dog, walk) {
  while (busy.has(dog)) await busy.get(dog);
  let done;
  busy.set(dog, new Promise((resolve) => { done = resolve; }));
  try {
    return await walk();
  } finally {
    busy.delete(dog);
    done();
  }
}

const book = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;

async function walked(dog, helper) {
  const answer = await fetch(`${book}/dogs/${dog}?helper=${helper}`);
  const { allowed } = await answer.json();
  return { dog, helper, allowed };
}

createServer(async (req, res) => {
  const { pathname, searchParams } = new URL(req.url, 'http://localhost');
  if (pathname === '/healthz') return res.end('ok');
  const body = await outside(searchParams.get('group') ?? 'all', () => walked(pathname.slice(1), searchParams.get('helper')));
  res.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}).listen(Number(process.env.PORT), '127.0.0.1');
