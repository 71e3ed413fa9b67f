const Koa = require('koa');
const Router = require('@koa/router');
const { Mutex } = require('async-mutex');
const { setTimeout: pause } = require('timers/promises');

const app = new Koa();
const router = new Router();
const vaults = Array.from({ length: 4 }, (_, id) => ({ id, items: 1000, mutex: new Mutex() }));

async function audit(vault) {
  await pause(3);
  return vault.items >= 0;
}

async function moveItems(from, to, count) {
  return from.mutex.runExclusive(async () => {
    await audit(from);
    return to.mutex.runExclusive(async () => {
      from.items -= count;
      to.items += count;
      return { from: from.items, to: to.items };
    });
  });
}

let turn = 0;
router.get('/healthz', (ctx) => { ctx.body = 'ok'; });
router.post('/moves', async (ctx) => {
  turn += 1;
  const a = vaults[turn % vaults.length];
  const b = vaults[(turn * 3 + 1) % vaults.length];
  ctx.body = await moveItems(a, a === b ? vaults[(a.id + 1) % vaults.length] : b, 1);
});

app.use(router.routes());
app.listen(process.env.PORT, '127.0.0.1');
