// Client of the national chip register, which speaks lines: a question, one answer, and it hangs up.
import { connect } from 'node:net';

const PATIENCE = 6000;

function parseAnswer(line) {
  const [state, ...fields] = line.split('|');
  if (state === 'NONE') return null;
  if (state !== 'KEEPER') throw new Error(`register: ${line}`);
  const [name, town, phone, since] = fields;
  return { name, town, phone, since };
}

export class ChipRegister {
  constructor(host, port) {
    this.address = { host, port, noDelay: true };
  }

  #ask(line) {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.address, () => socket.write(`${line}\r\n`));
      socket.setEncoding('utf8');
      socket.setTimeout(PATIENCE, () => socket.destroy(new Error('register: no answer')));
      socket.on('data', (part) => {
        text += part;
      });
      socket.on('end', () => resolve(text.trim()));
      socket.on('error', reject);
    });
  }

  async keeperOf(chip) {
    return parseAnswer(await this.#ask(`KEEPER ${chip}`));
  }
}
