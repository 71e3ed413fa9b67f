/** Least recently used, and each value is loaded once however many ask for it at the same moment. */
export class Shelf {
  constructor(limit, maxAgeMs) {
    this.limit = limit;
    this.maxAgeMs = maxAgeMs;
    this.entries = new Map();
    this.loading = new Map();
    this.stats = { hits: 0, misses: 0, evictions: 0 };
  }

  async get(key, load) {
    const entry = this.entries.get(key);
    if (entry && entry.until > Date.now()) {
      this.stats.hits += 1;
      this.entries.delete(key);
      this.entries.set(key, entry);
      return entry.value;
    }
    this.stats.misses += 1;
    if (!this.loading.has(key)) {
      const pending = load().then((value) => this.put(key, value)).finally(() => this.loading.delete(key));
      this.loading.set(key, pending);
    }
    return this.loading.get(key);
  }

  put(key, value) {
    this.entries.set(key, { value, until: Date.now() + this.maxAgeMs });
    while (this.entries.size > this.limit) {
      this.entries.delete(this.entries.keys().next().value);
      this.stats.evictions += 1;
    }
    return value;
  }
}

/** Runs one function after the other. */
export class Turnstile {
  #last = Promise.resolve();

  enter(work) {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
