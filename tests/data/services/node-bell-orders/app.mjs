// Bells for churches: the foundry quotes weights and tones.
import Koa from 'koa';
import Router from '@koa/router';
import { Pool } from 'undici';

class Foundry {
  constructor(origin) {
    this.pool = new Pool(origin, { connections: 2, pipelining: 1 });
  }

  async quote(tone) {
    const { body } = await this.pool.request({ method: 'GET', path: `/tones/${tone}` });
    return body.json();
  }
}

const foundry = new Foundry(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`);

async function offer(tone) {
  const { kilos } = await foundry.quote(tone);
  return { tone, kilos, euros: kilos * 31 };
}

const router = new Router();
router.get('/healthz', (ctx) => { ctx.body = 'ok'; });
router.get('/offers/:tone', async (ctx) => { ctx.body = await offer(ctx.params.tone); });
const app = new Koa();
app.use(router.routes());
app.listen(Number(process.env.PORT), '127.0.0.1');
