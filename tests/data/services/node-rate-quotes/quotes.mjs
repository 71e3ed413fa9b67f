import { randomUUID } from 'node:crypto';

const VALID_FOR = 90_000;
const MARGIN = { JPY: 0.004, SEK: 0.003, NOK: 0.003 };

export class Quote {
  constructor(rates, { from, to, amount, days }) {
    this.id = randomUUID();
    this.expires = Date.now() + VALID_FOR;
    this.from = from;
    this.amount = amount;
    this.lines = to.map((currency) => this.price(rates, currency, days));
    this.stale = false;
    rates.on('change', () => this.check(rates));
  }

  price(rates, currency, days) {
    const rate = rates.cross(this.from, currency) * (1 - (MARGIN[currency] ?? 0.002));
    const schedule = [];
    for (let day = 1; day <= days; day++) {
      schedule.push({ day, rate: rate * (1 + day * 0.00004), pays: Math.round(this.amount * rate * (1 + day * 0.00004) * 100) / 100 });
    }
    return { currency, rate, schedule };
  }

  check(rates) {
    if (this.stale || Date.now() > this.expires) return;
    this.stale = this.lines.some((line) => Math.abs(rates.cross(this.from, line.currency) / line.rate - 1) > 0.02);
  }

  summary() {
    return {
      id: this.id,
      expires: new Date(this.expires).toISOString(),
      lines: this.lines.map(({ currency, rate, schedule }) => ({ currency, rate, last: schedule.at(-1).pays })),
    };
  }
}
