export class Lock {
  #tail = Promise.resolve();

  runExclusive(work) {
    const done = this.#tail.then(work);
    this.#tail = done.then(() => undefined, () => undefined);
    return done;
  }
}
