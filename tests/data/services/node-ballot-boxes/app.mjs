// Election night: the returns of the polling stations of each district, checked and kept until they are certified.
import Koa from 'koa';
import { Router } from '@koa/router';
import bodyParser from 'koa-bodyparser';
import { createHash, randomUUID } from 'node:crypto';
import { ReturnStore } from './store.mjs';

const PARTIES = ['river', 'field', 'harbour', 'hill', 'market', 'forest'];
const DISTRICTS = new Map(['north-1', 'north-2', 'south-1', 'south-2', 'old-town'].map((id, n) => [id, { id, voters: 21000 + n * 1700 }]));
const store = new ReturnStore('returns');

function seeded(text) {
  let state = createHash('md5').update(text).digest().readUInt32LE(0);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The sheet that the counting machine of one station has sent along with the clerk's form. */
function sheetOf(district, station, turnout) {
  const random = seeded(`${district.id}/${station}`);
  const voters = Math.round(district.voters / 32 + random() * 90);
  const cast = Math.round(voters * turnout);
  const weights = PARTIES.map(() => 0.3 + random());
  const sum = weights.reduce((a, b) => a + b, 0);
  const votes = Object.fromEntries(PARTIES.map((party, n) => [party, Math.floor((cast * weights[n]) / sum)]));
  const valid = Object.values(votes).reduce((a, b) => a + b, 0);
  return { station, voters, cast, votes, invalid: cast - valid };
}

function remarks(sheet) {
  const list = [];
  if (sheet.cast > sheet.voters) list.push('more ballots than voters');
  if (sheet.invalid / Math.max(1, sheet.cast) > 0.04) list.push('many invalid ballots');
  const [first, second] = Object.values(sheet.votes).sort((a, b) => b - a);
  if (first - second < 3) list.push('close result');
  return list;
}

const sealOf = (sheet) => createHash('sha256').update(JSON.stringify(sheet)).digest('base64url').slice(0, 20);

async function accept(district, form) {
  const receipt = { id: randomUUID(), district: district.id, clerk: form.clerk, stations: [] };
  const totals = Object.fromEntries(PARTIES.map((party) => [party, 0]));
  for (let number = 1; number <= form.stations; number++) {
    const sheet = sheetOf(district, number, form.turnout);
    const notes = remarks(sheet);
    for (const party of PARTIES) totals[party] += sheet.votes[party];
    await store.keep(district.id, `station-${String(number).padStart(3, '0')}`, { ...sheet, notes, seal: sealOf(sheet), clerk: form.clerk });
    receipt.stations.push({ number, cast: sheet.cast, notes });
  }
  await store.keep(district.id, 'totals', { totals, receipt: receipt.id, seals: form.seals ?? [] });
  return { ...receipt, totals };
}

function formOf(ctx) {
  const { clerk, stations, turnout, seals } = ctx.request.body ?? {};
  ctx.assert(typeof clerk === 'string' && /^w-\d+$/.test(clerk), 422, 'clerk is missing');
  ctx.assert(Number.isInteger(stations) && stations > 0 && stations <= 80, 422, 'stations must be 1 to 80');
  ctx.assert(turnout > 0 && turnout <= 1, 422, 'turnout must be a share');
  return { clerk, stations, turnout, seals };
}

const router = new Router();

router.param('district', (id, ctx, next) => {
  ctx.state.district = DISTRICTS.get(id) ?? ctx.throw(404, 'no such district');
  return next();
});

router.get('/status', (ctx) => {
  ctx.body = { up: true };
});

router.put('/districts/:district/returns', async (ctx) => {
  ctx.body = await accept(ctx.state.district, formOf(ctx));
});

router.get('/districts/:district/stations', async (ctx) => {
  ctx.body = (await store.names(ctx.state.district.id)).filter((name) => name.startsWith('station-'));
});

router.get('/districts/:district/totals', async (ctx) => {
  ctx.body = (await store.read(ctx.state.district.id, 'totals')) ?? ctx.throw(404, 'nothing was returned yet');
});

const app = new Koa();
app.use(async (ctx, next) => {
  const begun = process.hrtime.bigint();
  await next();
  ctx.set('Server-Timing', `total;dur=${Number(process.hrtime.bigint() - begun) / 1e6}`);
});
app.use(bodyParser({ jsonLimit: '100kb' }));
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
