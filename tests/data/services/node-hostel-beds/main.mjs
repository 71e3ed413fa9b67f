// Hostels: beds by the night, with a deposit held on the guest's card.
import Koa from 'koa';
import { Router } from '@koa/router';
import bodyParser from 'koa-bodyparser';
import { Lock } from './lock.mjs';

const ACQUIRER = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const PRICES = { lakeside: 38, oldtown: 44, station: 29 };
const CAPACITY = { lakeside: 48, oldtown: 30, station: 64 };
const DEPOSIT_SHARE = 0.3;

class Hostel {
  constructor(name) {
    this.name = name;
    this.nights = new Map();
    this.lock = new Lock();
  }

  bookings(night) {
    if (!this.nights.has(night)) this.nights.set(night, []);
    return this.nights.get(night);
  }

  free(night) {
    return CAPACITY[this.name] - this.bookings(night).reduce((sum, b) => sum + b.beds, 0);
  }

  // guests who do not answer are asked to leave the list, oldest first
  release(night, beds) {
    const list = this.bookings(night);
    while (this.free(night) < beds && list.some((b) => !b.confirmed)) {
      list.splice(list.findIndex((b) => !b.confirmed), 1);
    }
  }

  book({ guest, night, beds, card }) {
    return this.lock.runExclusive(async () => {
      this.release(night, beds);
      if (this.free(night) < beds) return null;
      const amount = Math.round(PRICES[this.name] * beds * DEPOSIT_SHARE * 100);
      const hold = await holdDeposit(card, amount);
      const booking = { number: ++lastNumber, guest, night, beds, hold, deposit: amount / 100, confirmed: false };
      this.bookings(night).push(booking);
      return booking;
    });
  }

  confirm(night, number) {
    const booking = this.bookings(night).find((b) => b.number === number);
    if (booking) booking.confirmed = true;
    return booking;
  }
}

let lastNumber = 1000;
const hostels = new Map(Object.keys(PRICES).map((name) => [name, new Hostel(name)]));

async function holdDeposit(card, amount) {
  const answer = await fetch(`${ACQUIRER}/holds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ card, amount, currency: 'CHF' }),
  });
  if (!answer.ok) throw Object.assign(new Error('deposit refused'), { status: 402, expose: true });
  return (await answer.json()).hold;
}

function parseBooking({ guest, night, beds, card } = {}) {
  const valid = typeof guest === 'string' && /^\d{4}-\d\d-\d\d$/.test(night) && Number.isInteger(beds) && beds > 0 && beds <= 8 && card;
  return valid ? { guest: guest.trim(), night, beds, card } : null;
}

const router = new Router();
router.param('hostel', (name, ctx, next) => {
  ctx.hostel = hostels.get(name) ?? ctx.throw(404, 'no such hostel');
  return next();
});

router.get('/healthz', (ctx) => {
  ctx.body = { ok: true };
});

router.post('/hostels/:hostel/bookings', async (ctx) => {
  const wanted = parseBooking(ctx.request.body) ?? ctx.throw(422, 'booking');
  const booking = await ctx.hostel.book(wanted);
  ctx.status = booking ? 201 : 409;
  ctx.body = booking ?? { error: 'full' };
});

router.post('/hostels/:hostel/nights/:night/confirmations/:number', (ctx) => {
  ctx.body = ctx.hostel.confirm(ctx.params.night, Number(ctx.params.number)) ?? ctx.throw(404);
});

router.get('/hostels/:hostel/nights/:night', (ctx) => {
  ctx.body = { hostel: ctx.hostel.name, free: ctx.hostel.free(ctx.params.night), price: PRICES[ctx.hostel.name] };
});

const app = new Koa();
app.use(bodyParser());
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
