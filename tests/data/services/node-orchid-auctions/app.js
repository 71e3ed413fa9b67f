'use strict';
// Auctions of orchids: lots, bids, and what a lot costs in the bidder's currency.
const fastify = require('fastify');
const { Pool } = require('undici');
const { RwLock } = require('./rwlock');

const bank = new Pool(`http://127.0.0.1:${process.env.UPSTREAM_PORT}`, { connections: 32 });
const CURRENCIES = ['SEK', 'NOK', 'DKK', 'CHF', 'GBP', 'USD'];
const PREMIUM = [[200, 0.24], [1000, 0.2], [Infinity, 0.15]];
const GENERA = ['Paphiopedilum', 'Cattleya', 'Vanda', 'Masdevallia', 'Dracula', 'Bulbophyllum'];

class Catalogue {
  #lots = new Map();

  constructor(size) {
    for (let n = 0; n < size; n += 1) {
      const number = 1000 + n;
      this.#lots.set(number, {
        number,
        name: `${GENERA[n % GENERA.length]} '${String.fromCharCode(65 + (n % 26))}${n % 90}'`,
        reserve: 30 + ((n * 53) % 900),
        bids: Array.from({ length: n % 12 }, (_, i) => ({ paddle: 10 + ((n * i) % 80), amount: 20 + i * (8 + (n % 30)) })),
      });
    }
  }

  find(number) {
    const lot = this.#lots.get(number);
    if (!lot) throw Object.assign(new Error(`no lot ${number}`), { statusCode: 404 });
    return lot;
  }

  page(from, count) {
    return [...this.#lots.values()].slice(from, from + count);
  }
}

// Rates of the bank with a running account of how often each was asked for, which is billed by the bank.
class RateDesk {
  #lock = new RwLock();
  #rates = new Map();
  #asked = new Map();

  async ratesFor(currency) {
    return this.#lock.exclusive(async () => {
      this.#asked.set(currency, (this.#asked.get(currency) ?? 0) + 1);
      const known = this.#rates.get(currency);
      const fixing = await this.#fixing(currency);
      if (known?.fixing !== fixing.fixing) this.#rates.set(currency, fixing);
      return fixing;
    });
  }

  async account() {
    return this.#lock.shared(async () => Object.fromEntries(this.#asked));
  }

  async #fixing(currency) {
    const { statusCode, body } = await bank.request({ method: 'GET', path: `/fixings/${currency}` });
    if (statusCode !== 200) {
      await body.dump();
      throw Object.assign(new Error('bank desk'), { statusCode: 502 });
    }
    return body.json();
  }
}

const round = (amount) => Math.round(amount * 100) / 100;

function standing(lot) {
  const highest = lot.bids.reduce((best, bid) => (bid.amount > (best?.amount ?? 0) ? bid : best), null);
  return { amount: Math.max(lot.reserve, highest?.amount ?? 0), paddle: highest?.paddle ?? null, met: (highest?.amount ?? 0) >= lot.reserve };
}

function premiumOn(amount) {
  let due = 0;
  let from = 0;
  for (const [to, share] of PREMIUM) {
    due += Math.max(0, Math.min(amount, to) - from) * share;
    from = to;
  }
  return round(due);
}

function priceOf(lot, withPremium) {
  const { amount, met } = standing(lot);
  const premium = withPremium ? premiumOn(amount) : 0;
  return { hammer: amount, premium, total: round(amount + premium), met };
}

const catalogue = new Catalogue(600);
const desk = new RateDesk();
const app = fastify();

app.get('/lots/:number/price', {
  schema: {
    params: { type: 'object', properties: { number: { type: 'integer' } } },
    querystring: {
      type: 'object',
      required: ['currency'],
      properties: { currency: { enum: CURRENCIES }, premium: { type: 'boolean', default: false } },
    },
  },
}, async (request) => {
  const { currency, premium } = request.query;
  const lot = catalogue.find(request.params.number);
  const price = priceOf(lot, premium);
  const { rate, fixing } = await desk.ratesFor(currency);
  return { lot: lot.number, name: lot.name, ...price, currency, converted: round(price.total * rate), fixing };
});

app.post('/lots/:number/bids', {
  schema: {
    params: { type: 'object', properties: { number: { type: 'integer' } } },
    body: { type: 'object', required: ['paddle', 'amount'], properties: { paddle: { type: 'integer' }, amount: { type: 'number', minimum: 1 } } },
  },
}, async (request, reply) => {
  const lot = catalogue.find(request.params.number);
  const { amount } = standing(lot);
  if (request.body.amount <= amount) return reply.code(409).send({ error: `at least ${amount + 5}` });
  lot.bids.push(request.body);
  return reply.code(201).send(standing(lot));
});

app.get('/lots', async (request) => {
  const from = Number(request.query.from ?? 0);
  return catalogue.page(from, 25).map((lot) => ({ number: lot.number, name: lot.name, ...standing(lot) }));
});

app.get('/account', async () => desk.account());

app.get('/ping', async () => 'pong');

app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
