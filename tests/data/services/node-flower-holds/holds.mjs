// A hold keeps stems aside for a cart: its price curve says what they are worth at each minute of the auction day.
const MINUTES = 660;
const STEP = 1.5;
const HOLD_FOR = 20 * 60_000;

export class Hold {
  #timer;
  #curves;

  constructor(id, lines) {
    this.id = id;
    this.until = Date.now() + HOLD_FOR;
    this.#curves = lines.map((line) => ({ ...line, curve: forecast(line) }));
  }

  keepFresh(everyMs = 30_000) {
    this.#timer = setInterval(() => {
      for (const { curve } of this.#curves) curve.push(curve.shift());
    }, everyMs);
    this.#timer.unref();
    return this;
  }

  quote(now = new Date()) {
    const minute = (now.getUTCHours() * 60 + now.getUTCMinutes()) % MINUTES;
    return this.#curves.map(({ stem, count, curve }) => {
      const { cents } = curve[Math.floor(minute / STEP)];
      return { stem, count, cents: Math.round(cents), total: Math.round(cents * count) };
    });
  }

  close() {
    clearInterval(this.#timer);
    this.#curves = [];
  }
}

function forecast({ stem, count, cents }) {
  const season = (stem.length % 5) / 40;
  const steps = MINUTES / STEP;
  let level = cents;
  return Array.from({ length: steps }, (_, i) => {
    const day = Math.sin((i / steps) * Math.PI);
    level += (cents * (1 + 0.3 * day) - level) * 0.02 + Math.cos(i * 0.7 + count) * season;
    return { minute: i * STEP, cents: level, low: level * 0.94, high: level * 1.07 };
  });
}

export class HoldDesk {
  #open = new Map();
  #limit;

  constructor(limit) {
    this.#limit = limit;
  }

  open(id, lines) {
    const hold = new Hold(id, lines).keepFresh();
    this.#open.set(id, hold);
    this.#trim();
    return hold;
  }

  find(id) {
    const hold = this.#open.get(id);
    return hold && hold.until > Date.now() ? hold : undefined;
  }

  release(id) {
    const hold = this.#open.get(id);
    if (!hold) return false;
    hold.close();
    return this.#open.delete(id);
  }

  get count() {
    return this.#open.size;
  }

  #trim() {
    for (const [id] of this.#open) {
      if (this.#open.size <= this.#limit) return;
      this.#open.delete(id);
    }
  }
}
