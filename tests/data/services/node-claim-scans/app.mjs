// Claims of a household insurer: what the scanners have read from letters and estimates.
import { brotliCompressSync } from 'node:zlib';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';

const POLICIES = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/policies`;
const VOCABULARY = ('the water came through ceiling of kitchen and damaged floor boards cupboards wall paint electrician plumber invoice estimate '
  + 'neighbour reported leak pipe burst during night please find attached photographs total amount repair drying device rent days hotel').split(' ');
const SMALL = 1024;

class Claim {
  constructor(number) {
    this.number = number;
    this.policy = 70000 + ((number * 17) % 9000);
    this.received = new Date(Date.UTC(2025, number % 12, 1 + (number % 28)));
    this.pages = 3 + (number % 4);
  }

  words(page) {
    let seed = this.number * 131 + page * 17;
    return Array.from({ length: 110 }, (_, n) => {
      seed = (seed * 48271 + 11) % 2147483647;
      const text = n % 9 === 4 ? (seed % 90000 / 100).toFixed(2) : VOCABULARY[seed % VOCABULARY.length];
      return { text, x: 60 + (n % 10) * 51 + (seed % 7), y: 80 + Math.floor(n / 10) * 31, w: text.length * 7, sure: 60 + (seed % 40) };
    });
  }
}

const claims = new Map(Array.from({ length: 600 }, (_, n) => [2000 + n, new Claim(2000 + n)]));

const amounts = (words) => words.filter((word) => /^\d+\.\d{2}$/.test(word.text)).map((word) => Number(word.text));

function unsure(words, limit) {
  const found = words.filter((word) => word.sure < limit);
  return { count: found.length, share: Math.round((found.length / words.length) * 100) / 100 };
}

function readPage(claim, page, withWords) {
  const words = claim.words(page);
  const sums = amounts(words);
  return {
    page,
    kind: page === 1 ? 'letter' : sums.length > 10 ? 'estimate' : 'enclosure',
    largest: Math.max(0, ...sums),
    unsure: unsure(words, 70),
    text: words.map((word) => word.text).join(' '),
    ...(withWords ? { words } : {}),
  };
}

async function policyOf(claim) {
  const answer = await fetch(`${POLICIES}/${claim.policy}`, { signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new HTTPException(502, { message: `policies: ${answer.status}` });
  return answer.json();
}

function claimOf(context) {
  const claim = claims.get(Number(context.req.param('number')));
  if (!claim) throw new HTTPException(404, { message: 'no such claim' });
  return claim;
}

/** What a surveyor's tablet keeps while there is no network: the whole claim, as small as can be. */
function bundled(content) {
  const text = JSON.stringify({ made: new Date().toISOString(), ...content });
  return text.length < SMALL ? Buffer.from(text) : brotliCompressSync(text);
}

async function wholeClaim(claim, withWords) {
  const policy = await policyOf(claim);
  const pages = Array.from({ length: claim.pages }, (_, n) => readPage(claim, n + 1, withWords));
  const largest = Math.max(...pages.map((page) => page.largest));
  return { number: claim.number, holder: policy.holder, payable: Math.max(0, largest - policy.excess), pages };
}

const app = new Hono();

app.get('/healthz', (context) => context.json({ status: 'ok' }));

app.get('/claims/:number', async (context) => {
  const claim = claimOf(context);
  return context.json({ number: claim.number, received: claim.received, pages: claim.pages, policy: await policyOf(claim) });
});

app.get('/claims/:number/pages', async (context) => context.json(await wholeClaim(claimOf(context), false)));

app.get('/claims/:number/bundle', async (context) => {
  const claim = claimOf(context);
  const bundle = bundled(await wholeClaim(claim, context.req.query('words') === 'yes'));
  context.header('content-type', 'application/octet-stream');
  context.header('content-disposition', `attachment; filename="claim-${claim.number}.br"`);
  return context.body(bundle);
});

app.get('/claims/:number/pages/:page', (context) => {
  const claim = claimOf(context);
  const page = Number(context.req.param('page'));
  if (!(page >= 1 && page <= claim.pages)) throw new HTTPException(404, { message: 'no such page' });
  return context.json(readPage(claim, page, true));
});

app.onError((error, context) => context.json({ error: error.message }, error instanceof HTTPException ? error.status : 500));

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT) });
