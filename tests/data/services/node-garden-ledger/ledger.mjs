// The ledger of an allotment site: an append-only list of what happened, and the site as it was after any of it.
import { setImmediate as nextTurn } from 'node:timers/promises';

export const EVENTS = ['let', 'returned', 'inspected', 'watered', 'paid', 'transferred'];
const PAGE = 25;

class Meter {
  constructor(litres, readOn) {
    this.litres = litres;
    this.readOn = readOn;
  }
}

class Account {
  constructor(balance, paidOn) {
    this.balance = balance;
    this.paidOn = paidOn;
  }
}

class Plot {
  constructor(id, holder, grade, meter, account) {
    this.id = id;
    this.holder = holder;
    this.grade = grade;
    this.meter = meter;
    this.account = account;
  }

  static blank(id) {
    return new Plot(id, null, 'unknown', new Meter(0, 0), new Account(0, 0));
  }

  copy() {
    const { meter, account } = this;
    return new Plot(this.id, this.holder, this.grade, new Meter(meter.litres, meter.readOn), new Account(account.balance, account.paidOn));
  }
}

const handlers = {
  let: (plot, event) => {
    plot.holder = event.who;
    plot.account.balance -= event.amount;
  },
  returned: (plot) => {
    plot.holder = null;
  },
  inspected: (plot, event) => {
    plot.grade = event.grade;
  },
  watered: (plot, event) => {
    plot.meter.litres += event.amount;
    plot.meter.readOn = event.day;
  },
  paid: (plot, event) => {
    plot.account.balance += event.amount;
    plot.account.paidOn = event.day;
  },
  transferred: (plot, event) => {
    plot.holder = event.who;
  },
};

/** The next state; the one before stays as it was. */
export function apply(state, event) {
  const plots = state.plots.map((plot) => plot.copy());
  handlers[event.type](plots[event.plot], event);
  return { day: event.day, seq: event.seq, plots };
}

export class Ledger {
  constructor(site, plots, events) {
    this.site = site;
    this.initial = { day: 0, seq: 0, plots: Array.from({ length: plots }, (_, id) => Plot.blank(id)) };
    this.events = events;
  }

  async *pages(year) {
    const wanted = this.events.filter((event) => event.year === year);
    for (let at = 0; at < wanted.length; at += PAGE) {
      await nextTurn();
      yield wanted.slice(at, at + PAGE);
    }
  }

  /** The site after each event of a year, the oldest first. */
  async replay(year) {
    const snapshots = [this.initial];
    for await (const page of this.pages(year)) {
      for (const event of page) snapshots.push(apply(snapshots.at(-1), event));
    }
    return snapshots;
  }
}

export function makeLedger(site, { plots, seed, perYear }) {
  let state = seed;
  const random = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const events = [];
  for (const year of [2022, 2023, 2024]) {
    for (let n = 0; n < perYear; n++) {
      events.push({
        seq: events.length + 1,
        year,
        day: Math.floor((n / perYear) * 365),
        type: EVENTS[random(EVENTS.length)],
        plot: random(plots),
        who: `H-${random(900)}`,
        amount: 5 + random(60),
        grade: ['good', 'fair', 'overgrown'][random(3)],
      });
    }
  }
  return new Ledger(site, plots, events);
}
