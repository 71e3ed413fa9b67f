// The written protocol of a station: every bundle is a line, chained to the one before so that none can be slipped in.
import { createHash, randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const seal = (previous, text) => createHash('sha256').update(previous).update(text).digest('hex').slice(0, 24);

export class Protocol {
  #folder;
  #heads = new Map();

  static async open(folder, numbers) {
    const protocol = new Protocol();
    protocol.#folder = folder;
    await mkdir(folder, { recursive: true });
    for (const number of numbers) protocol.#heads.set(number, { line: 0, seal: '0'.repeat(24) });
    return protocol;
  }

  #file(number, kind) {
    return join(this.#folder, `station-${number}.${kind}`);
  }

  #next(number, text) {
    const head = this.#heads.get(number);
    const entry = { line: head.line + 1, seal: seal(head.seal, text) };
    this.#heads.set(number, entry);
    return entry;
  }

  async #writeLine(number, text) {
    const entry = this.#next(number, text);
    await appendFile(this.#file(number, 'log'), `${entry.line}\t${entry.seal}\t${text}\n`, { flush: true });
    return entry;
  }

  async #writeHead(number, entry) {
    const draft = this.#file(number, `${randomUUID()}.tmp`);
    await writeFile(draft, JSON.stringify(entry), { flush: true });
    await rename(draft, this.#file(number, 'head'));
  }

  async enter(number, { clerk, bundles }) {
    const id = randomUUID();
    let entry;
    for (const [list, count] of bundles) {
      entry = await this.#writeLine(number, `${id} ${clerk} ${list} ${count}`);
      await this.#writeHead(number, entry);
    }
    return { sheet: id, line: entry.line, seal: entry.seal };
  }

  async seals(number) {
    const text = await readFile(this.#file(number, 'log'), 'utf8').catch(() => '');
    return text.trim().split('\n').slice(-20).map((line) => line.split('\t').slice(0, 2));
  }
}
