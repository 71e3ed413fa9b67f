// Finding aids of a town archive: fonds, series, files and single pieces, with what has been scanned of them.
import Koa from 'koa';
import { Router } from '@koa/router';
import * as catalogue from './catalogue.mjs';

const LEVELS = { fonds: 'Fonds', series: 'Series', file: 'File', piece: 'Piece' };
const MAX_DEPTH = 6;

function years({ from_year: from, to_year: to }) {
  if (from === null) return 'n.d.';
  return from === to ? String(from) : `${from}-${to ?? ''}`;
}

function heading(unit) {
  return { signature: unit.signature, level: LEVELS[unit.level] ?? unit.level, title: unit.title, years: years(unit) };
}

/** A unit with all that lies below it, down to the asked depth. */
async function describe(unit, depth) {
  const [children, scans] = await Promise.all([depth > 1 ? catalogue.childrenOf(unit) : [], catalogue.scansOf(unit)]);
  const below = await Promise.all(children.map((child) => describe(child, depth - 1)));
  const entry = heading(unit);
  entry.scanned = scans.pages + below.reduce((sum, part) => sum + part.scanned, 0);
  entry.lastScan = [scans.last, ...below.map((part) => part.lastScan)].filter(Boolean).sort().at(-1) ?? null;
  if (below.length) entry.parts = below;
  return entry;
}

function outline(entry, indent = 0) {
  const line = `${'  '.repeat(indent)}${entry.signature}  ${entry.title} (${entry.years})`;
  return [line, ...(entry.parts ?? []).flatMap((part) => outline(part, indent + 1))];
}

function askedDepth(ctx) {
  const depth = Number(ctx.query.depth ?? 3);
  ctx.assert(Number.isInteger(depth) && depth >= 1 && depth <= MAX_DEPTH, 400, 'depth');
  return depth;
}

async function answerErrors(ctx, next) {
  try {
    await next();
  } catch (error) {
    if (!error.expose) console.error(ctx.path, error);
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'internal error' };
  }
}

const router = new Router();

router.get('/fonds', async (ctx) => {
  ctx.body = (await catalogue.allFonds()).map(heading);
});

router.get('/fonds/:signature/guide', async (ctx) => {
  const fonds = await catalogue.fondsBySignature(ctx.params.signature);
  ctx.assert(fonds, 404, 'no such fonds');
  const guide = await describe(fonds, askedDepth(ctx));
  if (ctx.accepts('json', 'text') === 'text') ctx.body = outline(guide).join('\n');
  else ctx.body = { archive: 'Stadtarchiv', guide };
});

router.get('/units', async (ctx) => {
  ctx.assert(ctx.query.q, 400, 'q');
  ctx.body = (await catalogue.findByTitle(ctx.query.q, 20)).map(heading);
});

router.get('/units/:signature/access', async (ctx) => {
  const year = await catalogue.closedUntil(ctx.params.signature);
  ctx.assert(year !== undefined, 404, 'no such unit');
  ctx.body = { signature: ctx.params.signature, open: year < new Date().getFullYear(), from: year + 1 };
});

router.get('/live', (ctx) => {
  ctx.body = 'live';
});

const app = new Koa();
app.use(answerErrors).use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
