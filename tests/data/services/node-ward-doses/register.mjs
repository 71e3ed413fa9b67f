import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export class Register {
  #out;
  #page = 0;

  constructor(file) {
    mkdirSync(dirname(file), { recursive: true });
    this.#out = createWriteStream(file, { flags: 'as', encoding: 'utf8' });
    this.#out.on('error', (error) => console.error('register', error));
  }

  writeLine(fields) {
    this.#page += 1;
    const line = [this.#page, new Date().toISOString(), ...fields].join('\t');
    return new Promise((resolve, reject) => {
      this.#out.write(`${line}\n`, (error) => (error ? reject(error) : resolve(this.#page)));
    });
  }

  async append(entries) {
    let page = 0;
    for (const entry of entries) {
      page = await this.writeLine([entry.ward, entry.bed, entry.drug, entry.amount, entry.unit, entry.nurse, entry.shift]);
    }
    return page;
  }
}
