// Medicine rounds on the wards: works out what each bed gets and enters it in the dose register.
import Koa from 'koa';
import Router from '@koa/router';
import bodyParser from 'koa-bodyparser';
import { fileURLToPath } from 'node:url';
import { Register } from './register.mjs';

const DRUGS = [
  { name: 'paracetamol', perKg: 12, unit: 'mg', max: 1000, step: 50 },
  { name: 'cefazolin', perKg: 25, unit: 'mg', max: 2000, step: 100 },
  { name: 'enoxaparin', perKg: 1, unit: 'mg', max: 100, step: 10 },
  { name: 'ondansetron', perKg: 0.1, unit: 'mg', max: 8, step: 0.5 },
];
const SHIFTS = new Set(['early', 'late', 'night']);
const BEDS = 24;

const register = new Register(fileURLToPath(new URL('./register/doses.log', import.meta.url)));

const wards = new Map(
  Array.from({ length: 12 }, (_, w) => [
    w + 1,
    Array.from({ length: BEDS }, (_, b) => ({
      bed: `${w + 1}-${String(b + 1).padStart(2, '0')}`,
      weight: 46 + ((w * 31 + b * 17) % 52),
      drugs: DRUGS.filter((_, d) => (b + d) % 3 !== 0),
    })),
  ]),
);

function dose(drug, weight) {
  const wanted = Math.min(drug.max, drug.perKg * weight);
  return Math.max(drug.step, Math.floor(wanted / drug.step) * drug.step);
}

function planRound(ward, beds, { nurse, shift }) {
  return beds.flatMap(({ bed, weight, drugs }) =>
    drugs.map((drug) => ({ ward, bed, drug: drug.name, amount: dose(drug, weight), unit: drug.unit, nurse, shift })));
}

async function recordRound(ward, beds, by) {
  const entries = planRound(ward, beds, by);
  const page = await register.append(entries);
  const totals = {};
  for (const { drug, amount } of entries) totals[drug] = Math.round(((totals[drug] ?? 0) + amount) * 10) / 10;
  return { ward, beds: beds.length, doses: entries.length, page, totals };
}

const router = new Router();

router.get('/status', (ctx) => {
  ctx.body = { up: true };
});

router.get('/wards/:ward/plan', (ctx) => {
  const beds = wards.get(Number(ctx.params.ward));
  ctx.assert(beds, 404, 'no such ward');
  ctx.body = planRound(Number(ctx.params.ward), beds, { nurse: null, shift: null });
});

router.post('/wards/:ward/round', async (ctx) => {
  const ward = Number(ctx.params.ward);
  const beds = wards.get(ward);
  ctx.assert(beds, 404, 'no such ward');
  const { nurse, shift } = ctx.request.body;
  ctx.assert(nurse && SHIFTS.has(shift), 422, 'nurse and shift are wanted');
  ctx.status = 201;
  ctx.body = await recordRound(ward, beds, { nurse, shift });
});

const app = new Koa();
app.use(bodyParser());
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
