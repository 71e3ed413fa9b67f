'use strict';
// The central ticket office of the city's museums. It wants a signed-in session that lasts a few minutes.
const { Agent, request } = require('undici');
const { Mutex } = require('async-mutex');

class OfficeError extends Error {}

class TicketOffice {
  constructor(base, credentials) {
    this.base = base;
    this.credentials = credentials;
    this.agent = new Agent({ connections: 64, keepAliveTimeout: 30_000 });
    this.signIn = new Mutex();
    this.session = null;
  }

  async #send(method, path, { token, query, body } = {}) {
    const answer = await request(this.base + path, {
      method,
      query,
      dispatcher: this.agent,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Session ${token}` }) },
      body: body && JSON.stringify(body),
    });
    if (answer.statusCode >= 400) {
      await answer.body.dump();
      throw new OfficeError(`ticket office: ${answer.statusCode}`);
    }
    return answer.body.json();
  }

  async #renew() {
    const { token, seconds } = await this.#send('POST', '/sessions', { body: this.credentials });
    this.session = { token, until: Date.now() + (seconds - 10) * 1000 };
  }

  #withSession(work) {
    return this.signIn.runExclusive(async () => {
      if (!this.session || this.session.until < Date.now()) await this.#renew();
      return work(this.session.token);
    });
  }

  slots(exhibition, day) {
    return this.#withSession(async (token) => {
      const { slots } = await this.#send('GET', `/exhibitions/${exhibition}/slots`, { token, query: { day } });
      return slots;
    });
  }

  tariff(exhibition) {
    return this.#withSession((token) => this.#send('GET', `/exhibitions/${exhibition}/tariff`, { token }));
  }

  reserve(exhibition, visit) {
    return this.#withSession((token) => this.#send('POST', `/exhibitions/${exhibition}/reservations`, { token, body: visit }));
  }
}

module.exports = { TicketOffice, OfficeError };
