import { Mutex } from 'async-mutex';

export class HallError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

class KeyedLocks {
  #mutexes = new Map();

  of(key) {
    let mutex = this.#mutexes.get(key);
    if (!mutex) this.#mutexes.set(key, (mutex = new Mutex()));
    return mutex;
  }

  with(key, work) {
    return this.of(key).runExclusive(work);
  }
}

const WEEK = 7 * 24 * 3600 * 1000;
const IDLE_AFTER = 250;

export class LockerHall {
  #lockers = new Map();
  #members = new Map();
  #contractOf;
  lockerLocks = new KeyedLocks();
  memberLocks = new KeyedLocks();

  constructor({ lockers, members, contractOf }) {
    this.#contractOf = contractOf;
    for (let n = 1; n <= lockers; n += 1) {
      const number = `L-${String(n).padStart(3, '0')}`;
      this.#lockers.set(number, { number, row: 'ABCDEF'[n % 6], size: n % 4 === 0 ? 'tall' : 'small', rental: null });
    }
    for (let n = 1; n <= members; n += 1) {
      this.#members.set(`m-${n}`, { id: `m-${n}`, rentals: new Set(), credit: 40 });
    }
  }

  #locker(number) {
    return this.#lockers.get(number) ?? raise(404, `no locker ${number}`);
  }

  #member(id) {
    return this.#members.get(id) ?? raise(404, `no member ${id}`);
  }

  async rent(number, memberId, weeks) {
    const locker = this.#locker(number);
    const member = this.#member(memberId);
    return this.lockerLocks.with(number, async () => {
      const contract = await this.#contractOf(memberId);
      if (locker.rental && locker.rental.member !== memberId) raise(409, `${number} is taken`);
      return this.memberLocks.with(memberId, async () => {
        if (member.rentals.size >= contract.lockers) raise(409, `${memberId} has enough lockers`);
        const until = Math.min(Date.now() + weeks * WEEK, Date.parse(contract.paidUntil));
        locker.rental = { member: memberId, until, lastOpened: Date.now() };
        member.rentals.add(number);
        return { locker: number, row: locker.row, until: new Date(until).toISOString().slice(0, 10), rented: member.rentals.size };
      });
    });
  }

  async releaseIdle(memberId) {
    const member = this.#member(memberId);
    return this.memberLocks.with(memberId, async () => {
      const contract = await this.#contractOf(memberId);
      const released = [];
      for (const number of member.rentals) {
        await this.lockerLocks.with(number, async () => {
          const { rental } = this.#locker(number);
          const expired = Date.parse(contract.paidUntil) < Date.now();
          if (rental && (expired || Date.now() - rental.lastOpened > IDLE_AFTER)) released.push(number);
        });
      }
      for (const number of released) {
        this.#locker(number).rental = null;
        member.rentals.delete(number);
      }
      return released;
    });
  }

  startHousekeeping(everyMs) {
    const round = async () => {
      const renters = [...this.#members.values()].filter((m) => m.rentals.size > 0);
      for (const member of renters) await this.releaseIdle(member.id).catch(() => []);
      setTimeout(round, everyMs);
    };
    setTimeout(round, everyMs * 2);
  }

  describe(number) {
    const { row, size, rental } = this.#locker(number);
    return { number, row, size, free: rental === null, until: rental && new Date(rental.until).toISOString() };
  }

  rentedBy(memberId) {
    return [...this.#member(memberId).rentals].map((number) => this.describe(number));
  }

  occupancy() {
    const rows = {};
    for (const { row, rental } of this.#lockers.values()) {
      rows[row] ??= { lockers: 0, rented: 0 };
      rows[row].lockers += 1;
      if (rental) rows[row].rented += 1;
    }
    return rows;
  }
}

function raise(status, message) {
  throw new HallError(status, message);
}
