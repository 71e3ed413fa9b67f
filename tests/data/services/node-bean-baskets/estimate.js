'use strict';
const { EventEmitter } = require('node:events');

const GRADES = ['santos', 'excelso', 'sidamo', 'sl28', 'caturra', 'bourbon', 'geisha', 'robusta'];
const CURRENCIES = { EUR: 0.92, CHF: 0.88, GBP: 0.79, USD: 1 };
const TIERS = [[40, 0.94], [20, 0.97], [8, 0.99], [0, 1]];
const TREND = 24;
const EVERY_MS = 100;

/** Prices of the exchange, moved by a random walk as the feed would. */
class Market extends EventEmitter {
  constructor() {
    super();
    this.setMaxListeners(0); // one for each open estimate
    this.prices = new Map(GRADES.map((grade, n) => [grade, 2.1 + n * 0.37]));
    this.rates = new Map(Object.entries(CURRENCIES));
  }

  open() {
    this.timer = setInterval(() => this.move(), EVERY_MS);
    return this;
  }

  move() {
    const moved = new Set();
    for (const [grade, price] of this.prices) {
      if (Math.random() < 0.7) {
        this.prices.set(grade, Math.max(0.5, price * (1 + (Math.random() - 0.5) / 500)));
        moved.add(grade);
      }
    }
    if (moved.size) this.emit('tick', moved);
  }

  price(grade, currency) {
    return this.prices.get(grade) * this.rates.get(currency);
  }
}

/** What a basket costs at this moment; its lines follow the market as long as the estimate is open. */
class Estimate {
  constructor(market, basket, currency) {
    this.market = market;
    this.currency = currency;
    this.customer = basket.customer;
    this.lines = basket.items.map((item) => ({
      lot: item.lot, grade: item.grade, bags: item.bags, kilos: item.bags * 60, unit: 0, net: 0, freight: 0,
      trend: [],
    }));
    this.onTick = (grades) => this.reprice(grades);
    this.reprice();
    market.on('tick', this.onTick);
  }

  reprice(grades) {
    for (const line of this.lines) {
      if (grades && !grades.has(line.grade)) continue;
      line.unit = this.market.price(line.grade, this.currency);
      line.trend.push(line.unit);
      if (line.trend.length > TREND) line.trend.shift();
      line.net = line.unit * line.kilos * discount(line.bags);
      line.freight = freight(line.kilos);
    }
    this.total = this.lines.reduce((sum, line) => sum + line.net + line.freight, 0);
  }

  close() {
    this.market.off('tick', this.onTick);
  }

  toJSON() {
    const shown = this.lines.slice(0, 40).map((l) => ({ lot: l.lot, grade: l.grade, bags: l.bags, net: Number(l.net.toFixed(2)), up: l.unit >= l.trend[0] }));
    return { customer: this.customer, currency: this.currency, total: Number(this.total.toFixed(2)), lots: this.lines.length, lines: shown };
  }
}

const discount = (bags) => TIERS.find(([from]) => bags >= from)[1];

function freight(kilos) {
  const pallets = Math.ceil(kilos / 700);
  return 38 + pallets * 21.5 + (kilos > 2000 ? kilos * 0.012 : 0);
}

module.exports = { Market, Estimate, GRADES, CURRENCIES };
