// Mortgage advice: compares repayment plans of one loan under many paths of the interest rate.
import { randomUUID } from 'node:crypto';
import express from 'express';
import { Scenarios } from './scenarios.mjs';
import { plans } from './plans.mjs';

const scenarios = new Scenarios({ paths: 12, years: 30 });

const recent = new Map();
const KEPT = 8;

const cents = (value) => Math.round(value * 100) / 100;

function instalment(balance, monthlyRate, months) {
  return monthlyRate === 0 ? balance / months : (balance * monthlyRate) / (1 - (1 + monthlyRate) ** -months);
}

function startOf(loan) {
  return {
    month: 0,
    balance: loan.amount,
    fixedUntil: loan.fixedYears * 12,
    rate: loan.rate,
    due: instalment(loan.amount, loan.rate / 12, loan.years * 12),
    paid: { interest: 0, capital: 0, extra: 0, fees: 0 },
    split: { interest: 0, capital: 0, extra: 0 },
    event: null,
  };
}

/** The state after one more month; states are never changed, so that any month can be looked at later. */
function nextMonth(state, loan, plan, market) {
  const month = state.month + 1;
  const refixed = month > state.fixedUntil;
  const rate = refixed ? market(month) + plan.margin : state.rate;
  const due = refixed ? instalment(state.balance, rate / 12, loan.years * 12 - state.month) : state.due;
  const interest = (state.balance * rate) / 12;
  const capital = Math.min(state.balance, due - interest);
  const extra = Math.min(state.balance - capital, plan.extra(month, loan, state));
  const fee = refixed ? 0 : extra * plan.earlyFee;
  const { paid } = state;
  return {
    month,
    balance: state.balance - capital - extra,
    fixedUntil: refixed ? month + plan.refixYears * 12 : state.fixedUntil,
    rate,
    due,
    paid: { interest: paid.interest + interest, capital: paid.capital + capital, extra: paid.extra + extra, fees: paid.fees + fee },
    split: { interest, capital, extra },
    event: refixed ? { kind: 'refixed', month, rate } : null,
  };
}

function project(loan, plan, market) {
  const states = [];
  for (let state = startOf(loan); state; state = state.balance > 0.01 && state.month < loan.years * 12 ? nextMonth(state, loan, plan, market) : null) {
    states.push(state);
  }
  return { plan: plan.name, states };
}

const cost = ({ states }) => {
  const { interest, fees } = states.at(-1).paid;
  return interest + fees;
};

const heaviest = ({ states }) => states.reduce((most, { due }) => Math.max(most, due), 0);

const refixings = ({ states }) => states.reduce((count, { event }) => (event?.kind === 'refixed' ? count + 1 : count), 0);

function quantile(sorted, share) {
  return cents(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
}

function summarise(name, projections) {
  const costs = projections.map(cost).sort((a, b) => a - b);
  const months = projections.map(({ states }) => states.length - 1).sort((a, b) => a - b);
  const instalments = projections.map(heaviest).sort((a, b) => a - b);
  return {
    plan: name,
    cost: { low: quantile(costs, 0.1), middle: quantile(costs, 0.5), high: quantile(costs, 0.9) },
    months: quantile(months, 0.5),
    heaviestInstalment: quantile(instalments, 0.9),
    refixings: projections.reduce((sum, projection) => sum + refixings(projection), 0) / projections.length,
  };
}

function balancesByYear(projections, years) {
  return Array.from({ length: years + 1 }, (_, year) => {
    const left = projections.map(({ states }) => states[year * 12]?.balance ?? 0).sort((a, b) => a - b);
    return { year, low: quantile(left, 0.1), middle: quantile(left, 0.5), high: quantile(left, 0.9) };
  });
}

/** The last few comparisons stay at hand, so that an adviser can look into single months. */
function keep(loan, byPlan) {
  const id = randomUUID();
  recent.set(id, { loan, byPlan });
  if (recent.size > KEPT) {
    recent.delete(recent.keys().next().value);
    globalThis.gc?.();
  }
  return id;
}

function monthOf({ byPlan }, planName, month) {
  const [, projections] = byPlan.find(([plan]) => plan.name === planName) ?? [];
  return projections?.map(({ states }) => states[month]).filter(Boolean).map(({ balance, due, split }) => ({
    balance: cents(balance), due: cents(due), interest: cents(split.interest), extra: cents(split.extra),
  }));
}

function compare(loan) {
  const byPlan = plans.map((plan) => [plan, scenarios.markets().map((market) => project(loan, plan, market))]);
  const summaries = byPlan.map(([plan, projections]) => summarise(plan.name, projections));
  const best = [...summaries].sort((a, b) => a.cost.middle - b.cost.middle)[0].plan;
  const [, projections] = byPlan.find(([plan]) => plan.name === best);
  const id = keep(loan, byPlan);
  return { id, loan, best, plans: summaries, balances: balancesByYear(projections, loan.years) };
}

function loanFrom(body) {
  const { amount, years = 25, rate = 0.031, fixedYears = 5 } = body ?? {};
  const sound = amount > 0 && amount < 1e8 && years > 0 && years <= 30 && rate >= 0 && rate < 0.3 && fixedYears >= 0;
  return sound ? { amount, years, rate, fixedYears } : null;
}

const app = express();
app.use(express.json());

app.get('/livez', (req, res) => res.json({ ok: true }));

app.get('/plans', (req, res) => res.json(plans.map(({ name, margin, refixYears }) => ({ name, margin, refixYears }))));

app.post('/comparisons', (req, res) => {
  const loan = loanFrom(req.body);
  if (!loan) return res.status(422).json({ error: 'loan' });
  res.json(compare(loan));
});

app.get('/comparisons/:id/:plan/:month', (req, res) => {
  const comparison = recent.get(req.params.id);
  const month = comparison && monthOf(comparison, req.params.plan, Number(req.params.month));
  if (!month) return res.status(404).json({ error: 'not found' });
  res.json(month);
});

app.post('/instalments', (req, res) => {
  const loan = loanFrom(req.body);
  if (!loan) return res.status(422).json({ error: 'loan' });
  res.json({ due: cents(instalment(loan.amount, loan.rate / 12, loan.years * 12)) });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
