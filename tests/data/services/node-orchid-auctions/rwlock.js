'use strict';

// Many readers or one writer; writers go first so that they do not starve.
class RwLock {
  #readers = 0;
  #writing = false;
  #waitingReaders = [];
  #waitingWriters = [];

  async shared(work) {
    if (this.#writing || this.#waitingWriters.length > 0) {
      await new Promise((resolve) => this.#waitingReaders.push(resolve));
    } else {
      this.#readers += 1;
    }
    try {
      return await work();
    } finally {
      this.#readers -= 1;
      this.#next();
    }
  }

  async exclusive(work) {
    if (this.#writing || this.#readers > 0) {
      await new Promise((resolve) => this.#waitingWriters.push(resolve));
    } else {
      this.#writing = true;
    }
    try {
      return await work();
    } finally {
      this.#writing = false;
      this.#next();
    }
  }

  #next() {
    if (this.#writing || this.#readers > 0) return;
    const writer = this.#waitingWriters.shift();
    if (writer) {
      this.#writing = true;
      writer();
      return;
    }
    const readers = this.#waitingReaders.splice(0);
    this.#readers += readers.length;
    for (const reader of readers) reader();
  }
}

module.exports = { RwLock };
