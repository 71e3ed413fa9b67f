'use strict';
// Keeps the banks' guarantees level with what is open on the tabs: a company over its guarantee is not served.
const { setTimeout: pause } = require('node:timers/promises');

const BETWEEN_ROUNDS = 40;
const CUSHION = 1.1;

class Guarantees {
  constructor(sql, bank) {
    this.sql = sql;
    this.bank = bank;
    this.rounds = 0;
  }

  start() {
    this.running = this.#run();
  }

  async #run() {
    for (;;) {
      await pause(BETWEEN_ROUNDS);
      try {
        await this.#round();
        this.rounds += 1;
      } catch (error) {
        console.error('guarantees:', error.message);
        await pause(1000);
      }
    }
  }

  async #round() {
    await this.sql.begin(async (tx) => {
      const tabs = await tx`
        SELECT t.company_id, t.open_cents, c.iban FROM tabs t JOIN companies c ON c.id = t.company_id
        WHERE c.direct_debit ORDER BY t.company_id FOR UPDATE OF t`;
      for (const tab of tabs) {
        const cents = Math.ceil(Number(tab.open_cents) * CUSHION);
        const reference = await this.#renew(tab.iban, cents);
        await tx`
          UPDATE tabs SET guaranteed_cents = ${cents}, guarantee = ${reference} WHERE company_id = ${tab.company_id}`;
      }
    });
  }

  async #renew(iban, cents) {
    const answer = await fetch(`${this.bank}/guarantees`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ iban, cents }),
    });
    if (!answer.ok) throw new Error(`bank: ${answer.status}`);
    return (await answer.json()).reference;
  }
}

module.exports = { Guarantees };
