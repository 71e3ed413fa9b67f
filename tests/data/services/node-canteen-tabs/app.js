'use strict';
// Canteens of an office park: meals go on the tab of a company, for which its bank stands good.
const express = require('express');
const sql = require('./sql');
const { Guarantees } = require('./guarantees');

const MENU = new Map([
  ['soup', { cents: 420, vat: 7 }],
  ['stew', { cents: 890, vat: 7 }],
  ['salad', { cents: 560, vat: 7 }],
  ['coffee', { cents: 210, vat: 19 }],
  ['cake', { cents: 330, vat: 19 }],
]);

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function priceOf(dishes) {
  if (!Array.isArray(dishes) || !dishes.length) throw new Refused(422, 'nothing ordered');
  let cents = 0;
  let vat = 0;
  for (const name of dishes) {
    const dish = MENU.get(name) ?? (() => { throw new Refused(422, `no ${name} today`); })();
    cents += dish.cents;
    vat += Math.round((dish.cents * dish.vat) / (100 + dish.vat));
  }
  return { cents, vat };
}

async function putOnTab(company, till, dishes) {
  const { cents, vat } = priceOf(dishes);
  return sql.begin(async (tx) => {
    const [meal] = await tx`
      INSERT INTO meals (company_id, till, dishes, cents, vat) VALUES (${company}, ${till}, ${dishes.join(',')}, ${cents}, ${vat})
      RETURNING id`;
    const [tab] = await tx`
      UPDATE tabs SET open_cents = open_cents + ${cents}, meals = meals + 1 WHERE company_id = ${company}
      RETURNING open_cents, guaranteed_cents`;
    if (!tab) throw new Refused(404, 'no such company');
    return { meal: meal.id, cents, vat, uncovered: Number(tab.open_cents) > Number(tab.guaranteed_cents) };
  });
}

const app = express();
app.use(express.json());

app.get('/live', (req, res) => res.send('ok'));

app.get('/menu', (req, res) => res.json([...MENU].map(([name, { cents }]) => ({ name, cents }))));

app.post('/companies/:company/meals', async (req, res) => {
  const { till = 1, dishes } = req.body ?? {};
  res.status(201).json(await putOnTab(Number(req.params.company), till, dishes));
});

app.get('/companies/:company/meals', async (req, res) => {
  res.json(await sql`
    SELECT id, till, dishes, cents FROM meals WHERE company_id = ${Number(req.params.company)} ORDER BY id DESC LIMIT 20`);
});

app.get('/companies/:company', async (req, res) => {
  const [tab] = await sql`
    SELECT c.name, t.open_cents, t.guaranteed_cents, t.meals FROM tabs t JOIN companies c ON c.id = t.company_id
    WHERE c.id = ${Number(req.params.company)}`;
  if (!tab) throw new Refused(404, 'no such company');
  res.json(tab);
});

app.use((error, req, res, next) => {
  if (!error.status) console.error(error);
  res.status(error.status ?? 500).json({ error: error.message });
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  new Guarantees(sql, `http://127.0.0.1:${process.env.UPSTREAM_PORT}`).start();
});
