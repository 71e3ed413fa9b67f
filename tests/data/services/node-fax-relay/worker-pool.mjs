import { Worker } from 'node:worker_threads';

export class WorkerPool {
  #idle = [];
  #waiting = [];
  #running = new Map();
  #lastId = 0;

  constructor(script, size, workerData) {
    this.size = size;
    for (let i = 0; i < size; i++) this.#add(script, workerData);
  }

  #add(script, workerData) {
    const worker = new Worker(script, { workerData });
    worker.on('message', ({ id, result, error }) => {
      const task = this.#running.get(id);
      this.#running.delete(id);
      if (error) task.reject(new Error(error));
      else task.resolve(result);
      this.#next(worker);
    });
    worker.on('error', (error) => {
      console.error('worker', error);
      this.#add(script, workerData);
    });
    this.#next(worker);
  }

  #next(worker) {
    const task = this.#waiting.shift();
    if (task) this.#hand(worker, task);
    else this.#idle.push(worker);
  }

  #hand(worker, task) {
    this.#running.set(task.id, task);
    worker.postMessage({ id: task.id, input: task.input });
  }

  run(input) {
    return new Promise((resolve, reject) => {
      const task = { id: ++this.#lastId, input, resolve, reject };
      const worker = this.#idle.pop();
      if (worker) this.#hand(worker, task);
      else this.#waiting.push(task);
    });
  }
}
