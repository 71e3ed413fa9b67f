// Election night: polling stations hand in their counts, the district office watches the totals.
import Koa from 'koa';
import { Router } from '@koa/router';
import { Protocol } from './protocol.mjs';

const LISTS = ['Green', 'Rural', 'Labour', 'Liberal', 'Civic', 'Harbour'];
const stations = new Map();
for (let n = 1; n <= 60; n++) {
  stations.set(n, { number: n, hall: `Hall ${n}`, voters: 600 + ((n * 97) % 900), sheets: 0, votes: Object.fromEntries(LISTS.map((l) => [l, 0])) });
}

const protocol = await Protocol.open('records', [...stations.keys()]);
const router = new Router();

async function jsonBody(ctx) {
  let size = 0;
  const chunks = [];
  for await (const chunk of ctx.req) {
    size += chunk.length;
    if (size > 64 * 1024) ctx.throw(413);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return ctx.throw(400, 'not JSON');
  }
}

function checkSheet(sheet, station) {
  if (!sheet || !Array.isArray(sheet.bundles) || !sheet.bundles.length) return 'no bundles';
  for (const [list, count] of sheet.bundles) {
    if (!LISTS.includes(list)) return `unknown list ${list}`;
    if (!Number.isInteger(count) || count < 0 || count > 100) return `bundle of ${count}`;
  }
  return sheet.clerk ? null : `no clerk for station ${station.number}`;
}

function addUp(station, bundles) {
  for (const [list, count] of bundles) station.votes[list] += count;
  station.sheets += 1;
}

function totals() {
  const sum = Object.fromEntries(LISTS.map((l) => [l, 0]));
  for (const { votes } of stations.values()) for (const l of LISTS) sum[l] += votes[l];
  return sum;
}

const stationOf = (ctx) => stations.get(Number(ctx.params.number)) ?? ctx.throw(404, 'no such station');

router.post('/stations/:number/sheets', async (ctx) => {
  const station = stationOf(ctx);
  const sheet = await jsonBody(ctx);
  const problem = checkSheet(sheet, station);
  if (problem) ctx.throw(422, problem);
  const receipt = await protocol.enter(station.number, sheet);
  addUp(station, sheet.bundles);
  ctx.status = 201;
  ctx.body = { station: station.number, sheets: station.sheets, ...receipt };
});

router.get('/stations/:number', (ctx) => {
  ctx.body = stationOf(ctx);
});

router.get('/totals', (ctx) => {
  ctx.body = { lists: totals(), reported: [...stations.values()].filter((s) => s.sheets).length };
});

router.get('/stations/:number/seals', async (ctx) => {
  ctx.body = await protocol.seals(stationOf(ctx).number);
});

router.get('/up', (ctx) => {
  ctx.body = 'yes';
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'failed' };
    if (!error.expose) console.error(error);
  }
});
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
