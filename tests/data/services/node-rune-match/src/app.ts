import http from 'node:http';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

type Job = { word: string; done: (nearest: string) => void };

class MatchPool {
  private idle: Worker[] = [];
  private queue: Job[] = [];
  constructor(size: number, file: string) {
    for (let i = 0; i < size; i++) this.idle.push(new Worker(file));
  }
  nearest(word: string): Promise<string> {
    return new Promise((done) => {
      this.queue.push({ word, done });
      this.next();
    });
  }
  private next(): void {
    const worker = this.idle.pop();
    if (!worker) return;
    const job = this.queue.shift();
    if (!job) {
      this.idle.push(worker);
      return;
    }
    worker.once('message', (nearest: string) => {
      this.idle.push(worker);
      job.done(nearest);
      this.next();
    });
    worker.postMessage(job.word);
  }
}

const pool = new MatchPool(2, path.join(__dirname, 'worker.js'));

http.createServer(async (req, res) => {
  if (req.url === '/healthz') {
    res.end('ok');
    return;
  }
  res.end(JSON.stringify({ nearest: await pool.nearest('thurisazwyn') }));
}).listen(Number(process.env.PORT), '127.0.0.1');
