import { randomUUID } from 'node:crypto';

const HOLD_MS = 1500;
const REFRESH_MS = 100;
const MAX_UPGRADE = 1.4;
const CATEGORIES = ['stalls', 'circle', 'balcony'];
const BASE_PRICE = { stalls: 64, circle: 48, balcony: 29 };

export class SoldOut extends Error {}

class Show {
  constructor(n, rows, perRow) {
    this.id = `show-${n}`;
    this.title = ['The Cherry Orchard', 'Hedda Gabler', 'The Visit', 'Tartuffe'][n % 4];
    this.demand = 0.4 + (n % 7) / 12;
    this.seats = [];
    for (let row = 0; row < rows; row++) {
      for (let number = 1; number <= perRow; number++) {
        const category = CATEGORIES[Math.floor((row / rows) * CATEGORIES.length)];
        this.seats.push({ row, number, category, state: (row * 31 + number * 17 + n) % 5 === 0 ? 'sold' : 'free' });
      }
    }
  }

  priceOf(seat) {
    const middle = 1 - Math.abs(seat.number - 22) / 60;
    return Math.round(BASE_PRICE[seat.category] * middle * (0.9 + this.demand / 3) * 100) / 100;
  }

  take(count, category) {
    const taken = [];
    for (const seat of this.seats) {
      const fits = seat.state === 'free' && (category === 'any' || seat.category === category);
      if (fits) taken.push(seat);
      if (taken.length === count) break;
    }
    if (taken.length < count) throw new SoldOut(`fewer than ${count} seats are left`);
    for (const seat of taken) seat.state = 'held';
    return taken;
  }
}

class Hold {
  constructor(show, seats) {
    this.id = randomUUID();
    this.show = show;
    this.seats = seats;
    this.lapsesAt = Date.now() + HOLD_MS;
    this.choice = show.seats
      .filter((seat) => seat.state === 'free')
      .map((seat) => ({ row: seat.row, number: seat.number, category: seat.category, price: show.priceOf(seat) }));
    this.upgrades = [];
  }

  /** Keeps the offers of better seats up to date for as long as the buyer decides. */
  watch() {
    this.refresh();
    this.ticker = setInterval(() => this.refresh(), REFRESH_MS);
    return this;
  }

  refresh() {
    const own = Math.max(...this.seats.map((seat) => this.show.priceOf(seat)));
    this.upgrades = this.choice
      .filter((offer) => offer.price > own && offer.price <= own * MAX_UPGRADE)
      .sort((a, b) => a.price - b.price || a.row - b.row)
      .slice(0, 5)
      .map((offer) => ({ row: offer.row, number: offer.number, category: offer.category, gain: offer.price - own }));
  }

  release() {
    clearInterval(this.ticker);
  }

  describe() {
    return {
      hold: this.id,
      show: this.show.id,
      title: this.show.title,
      seats: this.seats.map((seat) => ({ row: seat.row + 1, number: seat.number, category: seat.category, price: this.show.priceOf(seat) })),
      upgrades: this.upgrades.map((offer) => ({ ...offer, row: offer.row + 1, gain: offer.gain.toFixed(2) })),
      secondsLeft: Math.max(0, Math.round((this.lapsesAt - Date.now()) / 1000)),
    };
  }
}

export class BoxOffice {
  constructor({ shows, rows, seats }) {
    this.shows = new Map(Array.from({ length: shows }, (_, n) => [`show-${n + 1}`, new Show(n + 1, rows, seats)]));
    this.holds = new Map();
    setInterval(() => this.expire(), 200).unref();
  }

  programme() {
    return [...this.shows.values()].map((show) => ({
      id: show.id,
      title: show.title,
      free: show.seats.reduce((count, seat) => count + (seat.state === 'free' ? 1 : 0), 0),
    }));
  }

  hold(showId, count, category) {
    const show = this.shows.get(showId);
    if (!show) return null;
    const hold = new Hold(show, show.take(count, category)).watch();
    this.holds.set(hold.id, hold);
    return hold;
  }

  find(id) {
    return this.holds.get(id);
  }

  purchase(hold) {
    for (const seat of hold.seats) seat.state = 'sold';
    this.holds.delete(hold.id);
    hold.release();
    return { ...hold.describe(), paid: hold.seats.reduce((sum, seat) => sum + hold.show.priceOf(seat), 0) };
  }

  cancel(hold) {
    for (const seat of hold.seats) seat.state = 'free';
    this.holds.delete(hold.id);
    hold.release();
  }

  expire() {
    const now = Date.now();
    for (const [id, hold] of this.holds) {
      if (hold.lapsesAt > now) continue;
      for (const seat of hold.seats) seat.state = 'free';
      this.holds.delete(id);
    }
  }
}
