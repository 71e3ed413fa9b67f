// Printing at the university: each faculty has a wallet that its jobs are charged to.
const Koa = require('koa');
const Router = require('@koa/router');
const AsyncLock = require('async-lock');
const http = require('node:http');

const COUNTERS = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const locks = new AsyncLock({ timeout: 20000, maxPending: 2000 });

const wallets = new Map(
  ['physics', 'law', 'music', 'history', 'biology'].map((name, n) => [
    name,
    { faculty: name, balance: 900 + n * 120, limit: -50, entries: [] },
  ]),
);

function getJson(path) {
  return new Promise((resolve, reject) => {
    const req = http.get(COUNTERS + path, { agent, timeout: 4000 }, (res) => {
      const parts = [];
      res.on('data', (part) => parts.push(part));
      res.on('end', () => {
        if (res.statusCode !== 200) return reject(new Error(`${path}: ${res.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(parts)));
        } catch (error) {
          reject(error);
        }
      });
    });
    req.on('timeout', () => req.destroy(new Error(`${path}: timeout`)));
    req.on('error', reject);
  });
}

const counters = {
  jobs: (faculty, month) => getJson(`/jobs?faculty=${encodeURIComponent(faculty)}&month=${month}`),
  tariff: (month) => getJson(`/tariff?month=${month}`),
};

function charge(job, tariff) {
  const rate = job.colour ? tariff.colour : tariff.mono;
  return Math.round(job.pages * rate * (job.pages > 20 ? tariff.duplex : 1) * 100) / 100;
}

function byDevice(jobs, tariff) {
  const devices = {};
  for (const job of jobs) {
    const line = (devices[job.device] ??= { pages: 0, colourPages: 0, amount: 0 });
    line.pages += job.pages;
    if (job.colour) line.colourPages += job.pages;
    line.amount += charge(job, tariff);
  }
  for (const line of Object.values(devices)) line.amount = Math.round(line.amount * 100) / 100;
  return devices;
}

function busiestDay(jobs) {
  const days = new Map();
  for (const job of jobs) days.set(job.day, (days.get(job.day) ?? 0) + job.pages);
  return [...days].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

async function problems(ctx, next) {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 502;
    ctx.body = { error: error.message };
  }
}

async function wallet(ctx, next) {
  const found = wallets.get(ctx.params.faculty);
  if (!found) ctx.throw(404, 'no such faculty');
  ctx.state.wallet = found;
  await next();
}

// Two charges to one wallet must not see the same balance.
const oneAtATime = (ctx, next) => locks.acquire(ctx.state.wallet.faculty, () => next());

const router = new Router({ prefix: '/faculties/:faculty' });
router.use(wallet, oneAtATime);

router.get('/balance', (ctx) => {
  const { balance, limit } = ctx.state.wallet;
  ctx.body = { balance, limit, blocked: balance <= limit };
});

router.get('/statement', async (ctx) => {
  const month = /^\d{4}-\d{2}$/.test(ctx.query.month ?? '') ? ctx.query.month : ctx.throw(400, 'month?');
  const { wallet } = ctx.state;
  const tariff = await counters.tariff(month);
  const jobs = await counters.jobs(wallet.faculty, month);
  const devices = byDevice(jobs, tariff);
  const spent = Object.values(devices).reduce((sum, line) => sum + line.amount, 0);
  ctx.body = {
    faculty: wallet.faculty,
    month,
    balance: wallet.balance,
    spent: Math.round(spent * 100) / 100,
    busiestDay: busiestDay(jobs),
    devices,
  };
});

router.post('/charges', async (ctx) => {
  const { wallet } = ctx.state;
  const tariff = await counters.tariff('current');
  const amount = charge({ pages: Number(ctx.query.pages ?? 1), colour: ctx.query.colour === 'yes' }, tariff);
  if (wallet.balance - amount < wallet.limit) ctx.throw(402, 'wallet is empty');
  wallet.balance = Math.round((wallet.balance - amount) * 100) / 100;
  wallet.entries.unshift({ amount, at: new Date().toISOString() });
  wallet.entries.length = Math.min(wallet.entries.length, 50);
  ctx.status = 201;
  ctx.body = { amount, balance: wallet.balance };
});

const app = new Koa();
app.use(problems);
app.use(async (ctx, next) => {
  if (ctx.path === '/up') ctx.body = 'up';
  else await next();
});
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
