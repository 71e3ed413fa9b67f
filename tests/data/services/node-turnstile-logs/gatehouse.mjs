// Talks to the gatehouse in lines: one question at a time on each line that is open.
import net from 'node:net';

const LINES = 3;

export class Gatehouse {
  constructor(port) {
    this.free = [];
    this.due = [];
    for (let n = 0; n < LINES; n++) this.free.push(net.connect({ port, host: '127.0.0.1' }).setNoDelay(true).on('error', () => {}));
  }

  tell(message, answered) {
    const line = this.free.pop();
    if (!line) return this.due.push([message, answered]);
    let text = '';
    const heard = (chunk) => {
      text += chunk;
      if (!text.endsWith('\n')) return;
      line.off('data', heard);
      this.free.push(line);
      answered(null, JSON.parse(text));
      if (this.due.length) this.tell(...this.due.shift());
    };
    line.on('data', heard);
    line.write(`${JSON.stringify(message)}\n`);
  }

  ask(message) {
    return new Promise((found, failed) => this.tell(message, (error, answer) => (error ? failed(error) : found(answer))));
  }
}
