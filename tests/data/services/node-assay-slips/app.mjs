// Assay offices: takes in makers' wares for hallmarking and writes the intake slip.
import Koa from 'koa';
import { Router } from '@koa/router';
import bodyParser from 'koa-bodyparser';
import { confirmWeight } from './balances.mjs';
import { inTransaction, pool } from './db.mjs';

const FINENESS = { gold: [375, 585, 750, 916, 999], silver: [800, 925, 958, 999], platinum: [850, 900, 950, 999] };
const MINIMUM_FEE = 6.5;

function wares(body, ctx) {
  const { maker, metal, fineness, grams, pieces } = body ?? {};
  ctx.assert(Number.isInteger(maker), 422, 'maker');
  ctx.assert(FINENESS[metal]?.includes(fineness), 422, 'fineness');
  ctx.assert(grams > 0 && Number.isInteger(pieces) && pieces > 0 && pieces <= 500, 422, 'grams, pieces');
  return { maker, metal, fineness, grams, pieces };
}

async function officeOf(id) {
  const { rows } = await pool.query('SELECT id, town, mark, fee_per_piece FROM offices WHERE id = $1', [id]);
  return rows[0];
}

async function makerOf(id) {
  const { rows } = await pool.query('SELECT id, name, sponsor_mark, active FROM makers WHERE id = $1', [id]);
  return rows[0];
}

function feeFor(office, { metal, pieces, grams }) {
  const perPiece = Number(office.fee_per_piece) * (metal === 'platinum' ? 1.6 : 1);
  return Math.max(MINIMUM_FEE, Math.round((perPiece * pieces + grams * 0.03) * 100) / 100);
}

async function openSlip(client, office, ware) {
  const { rows } = await client.query(
    `INSERT INTO slips (office_id, slip_no, maker_id, metal, fineness, grams, pieces)
     SELECT $1::int, coalesce(max(slip_no), 0) + 1, $2::int, $3::text, $4::int, $5::numeric, $6::int FROM slips WHERE office_id = $1::int
     RETURNING id, slip_no, taken_at`,
    [office.id, ware.maker, ware.metal, ware.fineness, ware.grams, ware.pieces],
  );
  return rows[0];
}

async function closeSlip(client, slip, fee, reference) {
  await client.query('UPDATE slips SET fee = $2, balance_ref = $3 WHERE id = $1', [slip.id, fee, reference]);
}

async function takeIn(office, maker, ware) {
  return inTransaction(async (client) => {
    const slip = await openSlip(client, office, ware);
    const number = `${office.mark}-${String(slip.slip_no).padStart(6, '0')}`;
    const weighed = await confirmWeight(number, ware);
    const fee = feeFor(office, ware);
    await closeSlip(client, slip, fee, weighed.reference);
    return { slip: number, office: office.town, maker: maker.name, mark: maker.sponsor_mark, fee, balance: weighed.reference, taken_at: slip.taken_at };
  });
}

const router = new Router();

router.post('/offices/:office/slips', async (ctx) => {
  const ware = wares(ctx.request.body, ctx);
  const [office, maker] = await Promise.all([officeOf(Number(ctx.params.office)), makerOf(ware.maker)]);
  ctx.assert(office && maker, 404);
  ctx.assert(maker.active, 409, `${maker.name} is suspended`);
  ctx.body = await takeIn(office, maker, ware);
  ctx.status = 201;
});

router.get('/offices/:office/slips/:number', async (ctx) => {
  const { rows } = await pool.query('SELECT * FROM slips WHERE office_id = $1 AND slip_no = $2', [ctx.params.office, ctx.params.number]);
  ctx.assert(rows.length, 404);
  [ctx.body] = rows;
});

router.get('/makers/:maker/slips', async (ctx) => {
  const { rows } = await pool.query(
    'SELECT office_id, slip_no, metal, fineness, pieces, fee FROM slips WHERE maker_id = $1 ORDER BY taken_at DESC LIMIT 20',
    [ctx.params.maker],
  );
  ctx.body = rows;
});

router.get('/healthz', (ctx) => {
  ctx.body = { status: 'ok' };
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.expose ? error.message : 'internal' };
    if (!error.expose) console.error(error);
  }
});
app.use(bodyParser({ jsonLimit: '16kb' }));
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
