'use strict';
// Ski lockers at the lift stations: what a guest has, what is free, and what opens with which pass.
const Koa = require('koa');
const { Router } = require('@koa/router');
const { Op } = require('sequelize');
const { sequelize, Station, Locker, Rental } = require('./models');

const PASSES = `http://127.0.0.1:${process.env.UPSTREAM_PORT}/passes`;
const SURCHARGE = { single: 0, pair: 300, family: 700 };

async function passOf(guest) {
  const response = await fetch(`${PASSES}/${encodeURIComponent(guest)}`);
  if (!response.ok) throw Object.assign(new Error('pass register does not answer'), { status: 502 });
  return response.json();
}

function dayRange(rental) {
  return Math.round((new Date(rental.toDay) - new Date(rental.fromDay)) / 86_400_000) + 1;
}

function price(rental) {
  const perDay = 450 + SURCHARGE[rental.locker.size] + (rental.locker.heated ? 150 : 0);
  return dayRange(rental) * perDay;
}

const present = (rental, pass) => ({
  rental: Number(rental.id),
  station: rental.locker.station.name,
  locker: rental.locker.id,
  size: rental.locker.size,
  days: dayRange(rental),
  cents: price(rental),
  opens: pass.valid && (pass.zone === 'all' || rental.locker.station.altitude < 1800),
});

async function openRentals(guest, transaction) {
  return Rental.findAll({
    where: { guest, returned: false },
    include: [{ model: Locker, include: [Station] }],
    order: [['fromDay', 'DESC'], ['id', 'DESC']],
    limit: 20,
    transaction,
  });
}

async function formerRentals(guest, transaction) {
  return Rental.count({ where: { guest, returned: true }, transaction });
}

const router = new Router();

router.get('/guests/:guest/lockers', async (ctx) => {
  const { guest } = ctx.params;
  ctx.body = await ctx.state.unit(async (transaction) => {
    const rentals = await openRentals(guest, transaction);
    const pass = await passOf(guest);
    const former = await formerRentals(guest, transaction);
    return { guest, zone: pass.zone, former, lockers: rentals.map((rental) => present(rental, pass)) };
  });
});

router.get('/stations/:id/free', async (ctx) => {
  const { from, to } = ctx.query;
  ctx.body = await ctx.state.unit(async (transaction) => {
    const taken = await Rental.findAll({
      attributes: ['lockerId'],
      where: { fromDay: { [Op.lte]: to }, toDay: { [Op.gte]: from }, returned: false },
      transaction,
    });
    return Locker.findAll({
      where: { stationId: Number(ctx.params.id), id: { [Op.notIn]: taken.map((r) => r.lockerId) } },
      limit: 50,
      transaction,
    });
  });
});

router.post('/rentals/:id/return', async (ctx) => {
  const [changed] = await ctx.state.unit((transaction) => Rental.update(
    { returned: true }, { where: { id: Number(ctx.params.id) }, transaction }));
  ctx.status = changed ? 204 : 404;
});

router.get('/live', (ctx) => {
  ctx.body = 'live';
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.message };
  }
});
app.use(async (ctx, next) => {
  // one consistent view of the tables for everything that a request reads
  ctx.state.unit = (work) => sequelize.transaction({ isolationLevel: 'REPEATABLE READ' }, work);
  await next();
});
app.use(router.routes()).use(router.allowedMethods());

sequelize.authenticate().then(() => app.listen(Number(process.env.PORT), '127.0.0.1'));
