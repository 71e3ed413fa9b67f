// Sessions with the payment host; the host speaks one line at a time per connection.
import { once } from 'node:events';
import { connect } from 'node:net';
import genericPool from 'generic-pool';

class Session {
  #socket;
  #waiting = null;
  #text = '';

  constructor(socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (part) => {
      this.#text += part;
      const end = this.#text.indexOf('\n');
      if (end < 0) return;
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      this.#waiting?.resolve(line.split(' '));
      this.#waiting = null;
    });
    socket.on('close', () => this.#waiting?.reject(new Error('payment host hung up')));
    socket.on('error', () => {});
  }

  static async open(port) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const session = new Session(socket);
    await session.say('HELLO', 'garages');
    return session;
  }

  say(...words) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${words.join(' ')}\n`);
    });
  }

  get usable() {
    return !this.#socket.destroyed;
  }

  end() {
    this.#socket.destroy();
  }
}

export class PaymentHost {
  #sessions;

  constructor(port) {
    this.#sessions = genericPool.createPool(
      { create: () => Session.open(port), destroy: async (session) => session.end(), validate: async (session) => session.usable },
      { min: 1, max: 3, testOnBorrow: true, acquireTimeoutMillis: 20_000 },
    );
  }

  async pay(reference, cents, method) {
    return this.#sessions.use(async (session) => {
      const [verdict, code] = await session.say('AUTH', reference, cents, method);
      if (verdict !== 'OK') throw new Error(`refused: ${reference}`);
      const [settled] = await session.say('SETTLE', code);
      return { code, settled: settled === 'DONE' };
    });
  }
}
