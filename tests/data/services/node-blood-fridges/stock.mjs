import { Mutex } from 'async-mutex';
import { setImmediate as nextTurn } from 'node:timers/promises';

const GROUPS = ['0-', '0+', 'A-', 'A+', 'B-', 'B+', 'AB-', 'AB+'];

export class Fridge {
  constructor(id, ward, capacity) {
    this.id = id;
    this.ward = ward;
    this.capacity = capacity;
    this.bags = new Map(GROUPS.map((group) => [group, 0]));
    this.reserved = 0;
    this.door = new Mutex();
    this.log = [];
  }

  get total() {
    return [...this.bags.values()].reduce((sum, n) => sum + n, 0);
  }

  async note(kind, group, bags) {
    this.log.push({ kind, group, bags, at: Date.now() });
    if (this.log.length > 400) this.log.splice(0, 200);
    await nextTurn();
  }
}

export class BloodStock {
  constructor(layout) {
    this.fridges = new Map(layout.map(([id, ward, capacity]) => [id, new Fridge(id, ward, capacity)]));
    for (const fridge of this.fridges.values()) {
      GROUPS.forEach((group, n) => fridge.bags.set(group, Math.floor(fridge.capacity / 12) + (n % 3)));
    }
  }

  fridge(id) {
    const found = this.fridges.get(id);
    if (!found) throw Object.assign(new Error(`no fridge ${id}`), { statusCode: 404 });
    return found;
  }

  overview() {
    return [...this.fridges.values()].map((f) => ({ id: f.id, ward: f.ward, capacity: f.capacity, total: f.total }));
  }

  contents(id) {
    const fridge = this.fridge(id);
    return { id, ward: fridge.ward, bags: Object.fromEntries(fridge.bags), latest: fridge.log.slice(-10) };
  }

  /** Takes bags from one fridge to another; both doors stay shut for everyone else until it is noted. */
  async relocate(fromId, toId, group, wanted) {
    const from = this.fridge(fromId);
    const to = this.fridge(toId);
    return from.door.runExclusive(async () => {
      const taken = Math.min(wanted, from.bags.get(group));
      await from.note('out', group, taken);
      return to.door.runExclusive(async () => {
        const placed = Math.min(taken, Math.max(0, to.capacity - to.total));
        from.bags.set(group, from.bags.get(group) - placed);
        to.bags.set(group, to.bags.get(group) + placed);
        await to.note('in', group, placed);
        return { from: fromId, to: toId, group, placed, left: from.bags.get(group) };
      });
    });
  }

  /** Gives back to the bank what a ward has above its share. */
  async level(bankId) {
    for (const fridge of this.fridges.values()) {
      if (fridge.id === bankId) continue;
      for (const [group, bags] of fridge.bags) {
        const share = Math.floor(fridge.capacity / 12);
        if (bags > share) await this.relocate(fridge.id, bankId, group, bags - share);
      }
    }
  }
}
