// The passports' store: events by animal and the animals on each holding.
import { ClassicLevel } from 'classic-level';

const DURABLE = { sync: true };

export class Registry {
  #db;
  #events;
  #present;
  #serial = 0;

  constructor(db) {
    this.#db = db;
    this.#events = db.sublevel('events', { valueEncoding: 'json' });
    this.#present = db.sublevel('present', { valueEncoding: 'utf8' });
  }

  static async open(location) {
    const db = new ClassicLevel(location, { cacheSize: 16 * 1024 * 1024 });
    await db.open();
    return new Registry(db);
  }

  async fillFrom(holdings, animals) {
    const batch = this.#db.batch();
    for (let h = 1; h <= holdings; h++) {
      const holding = `H${String(h).padStart(4, '0')}`;
      for (let a = 0; a < animals; a++) {
        const mark = `DE${100 + h}-${String(a).padStart(5, '0')}`;
        const event = { mark, holding, event: 'birth', on: '2024-03-01' };
        batch.put(this.#eventKey(mark), event, { sublevel: this.#events });
        batch.put(`${holding}!${mark}`, event.on, { sublevel: this.#present });
      }
    }
    await batch.write();
  }

  #eventKey(mark) {
    this.#serial += 1;
    return `${mark}!${String(this.#serial).padStart(10, '0')}`;
  }

  async enter(entry) {
    const key = this.#eventKey(entry.mark);
    await this.#events.put(key, entry, DURABLE);
    const place = `${entry.holding}!${entry.mark}`;
    if (entry.event === 'departure' || entry.event === 'death') await this.#present.del(place, DURABLE);
    else await this.#present.put(place, entry.on, DURABLE);
    return Number(key.slice(-10));
  }

  async eventsOf(mark) {
    const events = [];
    for await (const value of this.#events.values({ gt: `${mark}!`, lt: `${mark}!~`, limit: 100 })) events.push(value);
    return events;
  }

  async count(holding) {
    const keys = await this.#present.keys({ gt: `${holding}!`, lt: `${holding}!~` }).all();
    return keys.length;
  }

  close() {
    return this.#db.close();
  }
}
